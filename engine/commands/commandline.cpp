// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/commandline.h"

#include "commands/commands.h"
#include "values/split.h"
#include "values/untrusted.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace engine {

namespace {

std::size_t wordCount(std::string_view text)
{
    return text.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1;
}

Error bad(const std::string &text)
{
    return {Fault::BadRequest, text + "; see --help"};
}

} // namespace

std::string CommandLine::usage()
{
    std::string text = "Usage: qubes-usb-engine [--verbose] COMMAND [OPTIONS] [--] [OPERANDS]\n"
                       "The half of USB passthrough that runs in each qube.\n\nCommands:\n";
    for (const Command &command : commands()) {
        std::string head = "  " + std::string(command.name) + ' ' + std::string(command.operands);
        head.resize(std::max<std::size_t>(head.size() + 1, 25), ' ');
        text += head + std::string(command.does) + '\n';
    }
    return text +
           "\nDEVICE is BUSNUM-DEVNUM.PORT as in /sys/bus/usb/devices (2-1, 1-1.4), or 0xVVVV.0xPPPP.\n"
           "Options: --timeout SECONDS (attach, import), --json, --all, --resume, --verbose, --help, --version.\n"
           "Exit codes: qubes-usb-engine(8).\n";
}

Result<CommandLine> CommandLine::parse(const std::vector<std::string> &argv)
{
    CommandLine line;
    std::vector<std::string> words(argv.begin() + (argv.empty() ? 0 : 1), argv.end());
    if (!argv.empty()) {
        const std::string name = baseName(argv[0]);
        const auto linked = std::ranges::find(commands(), std::string_view(name), &Command::link);
        if (!name.empty() && linked != commands().end())
            line.command = linked->name;
    }
    const auto number = [](const std::string &text, unsigned max) { return parseNumber(text, max); };
    bool options = true;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string &word = words[i];
        if (!options || word.size() < 2 || word[0] != '-') {
            if (line.command.empty())
                line.command = word;
            else
                line.operands.push_back(word);
        } else if (word == "--") {
            options = false;
        } else if (word == "--help" || word == "-h" || word == "--version") {
            line.command = word == "--version" ? "version" : "help";
            return line;
        } else if (word == "--json") {
            line.json = true;
        } else if (word == "--all") {
            line.all = true;
        } else if (word == "--resume") {
            line.resume = true;
        } else if (word == "--verbose") {
            line.verbose = true;
        } else if (word == "--timeout") {
            const auto seconds = i + 1 < words.size() ? number(words[i + 1], 3600) : std::nullopt;
            if (!seconds || *seconds == 0)
                return bad("--timeout needs a number of seconds from 1 to 3600");
            line.timeout = std::chrono::seconds(*seconds);
            ++i;
        } else if (word.starts_with("--report-fd=") || word.starts_with("--errors-fd=")) {
            const auto fd = number(word.substr(12), 1023);
            if (!fd || *fd < 3)
                return bad(cleanText(word, 40) + " is not a descriptor");
            (word[2] == 'r' ? line.reportFd : line.errorsFd) = static_cast<int>(*fd);
        } else {
            return bad("unknown option " + cleanText(word, 40));
        }
    }
    if (line.command.empty())
        return bad("no command given");
    const auto command = std::ranges::find(commands(), std::string_view(line.command), &Command::name);
    if (command == commands().end())
        return bad("unknown command " + cleanText(line.command, 40));
    if (line.operands.size() != wordCount(command->operands)) {
        return bad(line.command +
                   (command->operands.empty() ? " takes no operands" : " needs " + std::string(command->operands)) +
                   ", got " + std::to_string(line.operands.size()));
    }
    return line;
}

std::vector<std::string> sameCommand(const CommandLine &line)
{
    std::vector<std::string> words{line.command};
    for (const auto &[flag, option] : {std::pair(line.json, "--json"),
                                       {line.all, "--all"},
                                       {line.resume, "--resume"},
                                       {line.verbose, "--verbose"}}) {
        if (flag)
            words.emplace_back(option);
    }
    if (line.timeout) {
        words.emplace_back("--timeout");
        words.push_back(std::to_string(line.timeout->count()));
    }
    if (line.reportFd >= 0)
        words.push_back("--report-fd=" + std::to_string(line.reportFd));
    if (line.errorsFd >= 0)
        words.push_back("--errors-fd=" + std::to_string(line.errorsFd));
    words.emplace_back("--");
    words.insert(words.end(), line.operands.begin(), line.operands.end());
    return words;
}

} // namespace engine
