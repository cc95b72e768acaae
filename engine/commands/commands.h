// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "commands/commandline.h"

#include <span>
#include <string_view>

namespace engine {

/// One thing that the program can be asked for.
struct Command
{
    std::string_view name;
    std::string_view operands; ///< for the usage; a word each
    std::string_view does;
    std::string_view link; ///< name under which today's package has it in /usr/lib/qubes
    bool needsRoot;
    int (*run)(const CommandLine &, const Paths &, const StopSignal &, const Log &);
};

std::span<const Command> commands();

/// Does what was asked for and says on stderr, in one line, what went wrong. The exit code is that of exitcode.h.
int runCommand(const CommandLine &line, const Paths &paths);

} // namespace engine
