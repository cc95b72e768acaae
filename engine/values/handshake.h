// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "values/result.h"
#include "values/speed.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

/// The one line that the backend sends before USB/IP begins: "DEVID SPEED\n". DEVID is busnum << 16 | devnum.
/// Further words are allowed and ignored, as usb-import of qubes-usb-proxy does ("reserved for future use").
struct Handshake
{
    std::uint32_t devId = 0;
    Speed speed;

    static constexpr std::size_t maxLength = 64; ///< bytes with the line end

    /// `untrusted` without the line end. The error says what was wrong with it.
    static Result<Handshake> parse(std::string_view untrusted);
    std::string line() const;
};

} // namespace engine
