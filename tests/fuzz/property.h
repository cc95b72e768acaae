// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

inline std::string_view asText(const std::uint8_t *data, std::size_t size)
{
    return {reinterpret_cast<const char *>(data), size}; // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast): bytes
}

/// Ends the run, so that libFuzzer keeps the input.
inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

inline bool isPrintable(std::string_view text)
{
    for (const char c : text) {
        if (c < 0x20 || c >= 0x7f)
            return false;
    }
    return true;
}
