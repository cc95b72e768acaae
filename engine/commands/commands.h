// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "commands/commandline.h"

namespace engine {

/// Does what was asked for and says on stderr, in one line, what went wrong. The exit code is that of exitcode.h.
int runCommand(const CommandLine &line, const Paths &paths);

} // namespace engine
