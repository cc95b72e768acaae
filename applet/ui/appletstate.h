// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

namespace ui {

/// All devices in one word, for the icon in the tray. The first that is true counts.
enum class AppletState { Disconnected, Error, Busy, Attached, Idle };

AppletState appletState(const model::DeviceModel &model);
/// How many devices are attached.
int attachedCount(const model::DeviceModel &model);
/// Stable lower-case name, also the end of the icon's name.
const char *appletStateName(AppletState state);

} // namespace ui
