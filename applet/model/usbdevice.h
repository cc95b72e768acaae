// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "category.h"
#include "deviceidentity.h"
#include "names.h"
#include "plaintext.h"

#include <optional>

namespace model {

class UsbIds;

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

    Category category() const { return categoryOf(interfaces); }
    bool isInput() const { return isInputDevice(interfaces); }
    /// Whether the server said of each interface what it is.
    bool isFullyKnown() const { return areKnown(interfaces); }
    bool hasIds() const { return vendorId != 0 || productId != 0; }
    /// "0951:1666", or empty if nobody knows.
    QString vidPid() const;
    const DeviceIdentity &identity() const { return *this; }
};

/// What to call the device, without class or place: "Kingston Technology DataTraveler 100". Empty if the server told
/// nothing; then the place is its only name.
PlainText deviceName(const UsbDevice &device, const UsbIds &ids);
/// Whether that name says more than who made it.
bool isProductNamed(const UsbDevice &device, const UsbIds &ids);

/// English one-line description as the Qubes tools make it, "USB Storage: Kingston Technology DataTraveler 100"; for
/// D-Bus and logs.
QString deviceDescription(const UsbDevice &device, const UsbIds &ids);

} // namespace model
