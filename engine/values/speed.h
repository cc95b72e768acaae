// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// The speed of a device as sysfs spells it in Mbit/s (speed_show() in drivers/usb/core/sysfs.c); this is also how it
/// goes over the wire.
class Speed
{
public:
    /// Nothing for "unknown" and for all that is not in the list of the kernel.
    static std::optional<Speed> parse(std::string_view untrusted);

    const std::string &text() const { return m_text; }
    /// enum usb_device_speed of include/uapi/linux/usb/ch9.h, as vhci_hcd's attach takes it. Wireless (4), which the
    /// virtual hub enumerates as full speed, is given as high speed.
    unsigned code() const { return m_code; }
    /// Whether it belongs on the SuperSpeed hub of vhci_hcd.
    bool isSuper() const { return m_code >= 5; }

private:
    Speed(std::string text, unsigned code)
        : m_text(std::move(text))
        , m_code(code)
    {
    }
    std::string m_text;
    unsigned m_code;
};

} // namespace engine
