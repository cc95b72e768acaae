// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/handshake.h"

#include "values/untrusted.h"

#include <algorithm>

namespace engine {

Result<Handshake> Handshake::parse(std::string_view untrusted)
{
    const auto fail = [&](const std::string &why) {
        return Error{Fault::Peer, "instead of the device's number and speed it sent '" + cleanText(untrusted, 40) +
                                      "' (" + why + ")"};
    };
    if (untrusted.empty())
        return fail("an empty line");
    if (untrusted.size() >= maxLength)
        return fail("too long");
    if (!std::ranges::all_of(untrusted, [](char c) { return c >= 0x20 && c < 0x7f; }))
        return fail("unprintable bytes");
    const std::size_t blank = untrusted.find(' ');
    if (blank == std::string_view::npos)
        return fail("no speed");
    const auto devId = parseNumber(untrusted.substr(0, blank), 0xffffffffU);
    if (!devId || *devId == 0)
        return fail("no valid device number");
    std::string_view rest = untrusted.substr(blank + 1);
    const auto speed = Speed::parse(rest.substr(0, rest.find(' ')));
    if (!speed)
        return fail("no valid speed");
    return Handshake{static_cast<std::uint32_t>(*devId), *speed};
}

std::string Handshake::line() const
{
    return std::to_string(devId) + ' ' + speed.text() + '\n';
}

} // namespace engine
