// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/devicespec.h"

namespace engine {

namespace {

std::optional<std::uint16_t> parseId(std::string_view untrusted)
{
    if (untrusted.size() != 6 || !untrusted.starts_with("0x"))
        return std::nullopt;
    unsigned value = 0;
    for (const char c : untrusted.substr(2)) {
        value <<= 4U;
        if (c >= '0' && c <= '9')
            value |= static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            value |= static_cast<unsigned>(c - 'a') + 10U;
        else if (c >= 'A' && c <= 'F')
            value |= static_cast<unsigned>(c - 'A') + 10U;
        else
            return std::nullopt;
    }
    return static_cast<std::uint16_t>(value);
}

} // namespace

DeviceSpec::DeviceSpec(std::string text, std::variant<BusId, VidPid> what)
    : m_text(std::move(text))
    , m_what(std::move(what))
{
}

DeviceSpec::DeviceSpec(const BusId &busid)
    : DeviceSpec(busid.text(), busid)
{
}

std::optional<DeviceSpec> DeviceSpec::parse(std::string_view untrusted)
{
    if (const auto busid = BusId::parse(untrusted))
        return DeviceSpec(*busid);
    if (untrusted.size() != 13 || untrusted[6] != '.')
        return std::nullopt;
    const auto vendor = parseId(untrusted.substr(0, 6));
    const auto product = parseId(untrusted.substr(7));
    if (!vendor || !product)
        return std::nullopt;
    return DeviceSpec(std::string(untrusted), VidPid{*vendor, *product});
}

} // namespace engine
