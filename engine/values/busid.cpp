// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/busid.h"

#include "values/untrusted.h"

namespace engine {

namespace {

constexpr std::size_t longestBusId = 31;

bool isOrdinal(std::string_view text)
{
    const auto number = parseNumber(text, 65535);
    return number && *number > 0;
}

} // namespace

std::optional<BusId> BusId::parse(std::string_view untrusted)
{
    if (untrusted.size() > longestBusId)
        return std::nullopt;
    const std::size_t dash = untrusted.find('-');
    if (dash == std::string_view::npos || !isOrdinal(untrusted.substr(0, dash)))
        return std::nullopt;
    std::string_view rest = untrusted.substr(dash + 1);
    for (;;) {
        const std::size_t dot = rest.find('.');
        if (!isOrdinal(rest.substr(0, dot)))
            return std::nullopt;
        if (dot == std::string_view::npos)
            return BusId(std::string(untrusted));
        rest.remove_prefix(dot + 1);
    }
}

} // namespace engine
