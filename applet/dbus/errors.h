// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/job.h"

#include <QString>

namespace dbus {

/// "org.qubes.UsbApplet1.Error.REASON".
QString errorName(model::Reason reason);

/// One English sentence or two about a job that did not end well: which device, which qube, why, and what became of
/// undoing it. The UI words its own, translated.
QString errorMessage(const model::Job &job);
QString reasonText(const model::Failure &failure);

} // namespace dbus
