// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"

#include <string>
#include <vector>

namespace engine {

/// Older qrexec agents (before 4.2.12) ignore force-user='root' of the service's configuration and run it as the qube's
/// user. Then this program starts itself again through sudo, whose -E keeps qrexec's variables; the descriptors stay.
/// Returns only if this process is root already or sudo is not there, which is looked for in `path`.
void becomeRoot(const std::vector<std::string> &argv, const std::string &path = programPath);

} // namespace engine
