// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "category.h"
#include "deviceidentity.h"
#include "names.h"
#include "plaintext.h"

#include <optional>

namespace model {

/// Where a device list says its device is.
struct Whereabouts
{
    bool known = false; ///< R4.1's device list does not tell; the lists of the frontends do
    std::optional<QubeName> frontend = {};

    bool operator==(const Whereabouts &) const = default;
};

/// One device as its backend lists it. A value; made by the parsers of applet/qubes.
struct UsbDevice : DeviceIdentity
{
    DeviceKey key;
    Whereabouts whereabouts = {};

    explicit UsbDevice(const DeviceKey &at, DeviceIdentity what = {})
        : DeviceIdentity(std::move(what))
        , key(at)
    {
    }

    bool operator==(const UsbDevice &) const = default;

    /// By its interfaces, and by its name where these say little.
    Category category() const;
    /// Whether whoever gets it sees, or makes up, what is typed: any input device, since keyboards without the boot
    /// protocol are sold, but for the buttons of a headset or a webcam.
    bool isInput() const;
    /// Whether the server said of each interface what it is.
    bool isFullyKnown() const { return areKnown(interfaces); }
    bool hasIds() const { return vendorId != 0 || productId != 0; }
    /// "0951:1666", or empty if nobody knows.
    QString vidPid() const;
    const DeviceIdentity &identity() const { return *this; }
};

} // namespace model
