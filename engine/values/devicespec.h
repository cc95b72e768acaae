// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "values/busid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace engine {

/// Vendor and product id, "0xVVVV.0xPPPP" (four hex digits each).
struct VidPid
{
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    auto operator<=>(const VidPid &) const = default;
};

/// DEVICE of the protocol: a busid, or a vendor and product id that has to match exactly one device.
class DeviceSpec
{
public:
    static std::optional<DeviceSpec> parse(std::string_view untrusted);
    DeviceSpec(const BusId &busid);

    /// As it was given; nothing but [0-9a-fA-Fx.-], so it can be part of a file name and of a qrexec argument.
    const std::string &text() const { return m_text; }
    const BusId *busid() const { return std::get_if<BusId>(&m_what); }
    const VidPid *vidPid() const { return std::get_if<VidPid>(&m_what); }

private:
    DeviceSpec(std::string text, std::variant<BusId, VidPid> what);

    std::string m_text;
    std::variant<BusId, VidPid> m_what;
};

} // namespace engine
