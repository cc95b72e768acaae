// SPDX-License-Identifier: GPL-2.0-or-later
#include "inject.h"

#include "wire.h"

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <sstream>

namespace lab {

namespace {

std::string trimmed(const std::string &text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

Injection Injection::read(const std::string &path, Side side, const std::string &service)
{
    Injection wanted;
    const auto text = readFile(path);
    if (!text)
        return wanted;
    std::istringstream lines(*text);
    std::string line;
    bool mine = true;
    while (std::getline(lines, line)) {
        const auto equals = line.find('=');
        if (equals == std::string::npos)
            continue;
        const std::string key = trimmed(line.substr(0, equals));
        const std::string value = trimmed(line.substr(equals + 1));
        if (key == "side")
            mine = mine && (value == "both" || value == (side == Side::Service ? "service" : "caller"));
        else if (key == "service")
            mine = mine && value == service.substr(0, service.find('+'));
        else if (key == "delay-before-ppoll-ms")
            wanted.delayBeforePpollMs = std::atoi(value.c_str());
        else if (key == "pause-at-start-ms")
            wanted.pauseAtStartMs = std::atoi(value.c_str());
        else if (key == "delay-before-hello-ms")
            wanted.delayBeforeHelloMs = std::atoi(value.c_str());
        else if (key == "split-chunk-ms")
            wanted.splitChunkMs = std::atoi(value.c_str());
        else if (key == "vchan-death")
            wanted.vchanDeathIsSilent = value == "silent";
        else if (key == "vchan-eintr")
            wanted.vchanEintrFails = value == "fail";
    }
    return mine ? wanted : Injection();
}

void sleepThroughSignals(int milliseconds)
{
    if (milliseconds <= 0)
        return;
    timespec left{milliseconds / 1000, (milliseconds % 1000) * 1000000L};
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

} // namespace lab
