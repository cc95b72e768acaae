// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/becomeroot.h"
#include "base/standard.h"
#include "commands/commandline.h"
#include "commands/commands.h"
#include "values/exitcode.h"

#include <cstdio>

int main(int argc, char **argv)
{
    engine::openStandardDescriptors();
    const auto line = engine::CommandLine::parse({argv, argv + argc});
    if (!line) {
        std::fprintf(stderr, "qubes-usb-engine: %s\n", line.error().text.c_str());
        return engine::exitCodeOf(line.error().fault);
    }
    if (line->command == "help") {
        std::fputs(engine::CommandLine::usage().c_str(), stdout);
        return 0;
    }
    if (line->command == "version") {
        std::puts("qubes-usb-engine " ENGINE_VERSION);
        return 0;
    }
    for (const engine::Command &command : engine::commands()) {
        if (command.name == line->command && command.needsRoot)
            engine::becomeRoot(engine::sameCommand(*line));
    }
    return engine::runCommand(*line, engine::Paths());
}
