// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "values/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// What the program was asked to do.
struct CommandLine
{
    std::string command; ///< a name of commands(), "help" or "version"
    std::vector<std::string> operands;
    bool json = false;
    bool all = false;
    bool resume = false;
    bool verbose = false;
    std::optional<std::chrono::seconds> timeout;
    int reportFd = -1;
    int errorsFd = -1;

    /// From argv; the program's own name may stand for a command ("usb-export" and the like, as links in
    /// /usr/lib/qubes). The error is Fault::BadRequest, for people.
    static Result<CommandLine> parse(const std::vector<std::string> &argv);
    static std::string usage();
};

/// Arguments (without argv[0]) that ask for the same, whatever name the program has.
std::vector<std::string> sameCommand(const CommandLine &line);

} // namespace engine
