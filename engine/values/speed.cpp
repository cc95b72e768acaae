// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/speed.h"

#include <array>
#include <utility>

namespace engine {

std::optional<Speed> Speed::parse(std::string_view untrusted)
{
    static constexpr std::array<std::pair<std::string_view, unsigned>, 7> known{
        {{"1.5", 1}, {"12", 2}, {"480", 3}, {"53.3-480", 3}, {"5000", 5}, {"10000", 6}, {"20000", 6}}};
    for (const auto &[text, code] : known) {
        if (untrusted == text)
            return Speed(std::string(text), code);
    }
    return std::nullopt;
}

} // namespace engine
