// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// The name of a whole USB device in sysfs, such as "2-1" or "1-1.4". Exists only if its text is one:
/// BUS-PORT[.PORT...], no leading zeros, at most 31 bytes (BUSID_SIZE - 1 in drivers/usb/usbip/usbip_common.h).
class BusId
{
public:
    static std::optional<BusId> parse(std::string_view untrusted);

    const std::string &text() const { return m_text; }
    auto operator<=>(const BusId &) const = default;

private:
    explicit BusId(std::string text)
        : m_text(std::move(text))
    {
    }
    std::string m_text;
};

} // namespace engine
