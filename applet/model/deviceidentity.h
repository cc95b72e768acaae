// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceid.h"
#include "plaintext.h"

namespace model {

/// What makes a device this one and no other: all that the server tells of it but where it is. Made by
/// UsbDevice::identity().
struct DeviceIdentity
{
    std::optional<DeviceId> id = {}; ///< R4.3+ only
    quint16 vendorId = 0;
    quint16 productId = 0;
    QList<Interface> interfaces = {};
    PlainText vendor = {};
    PlainText product = {};
    PlainText manufacturer = {};
    PlainText serial = {};
    PlainText text = {}; ///< R4.1/4.2

    bool operator==(const DeviceIdentity &) const = default;

    /// What it means that two identities are equal.
    enum class Worth {
        Serial,  ///< the same device, unless somebody forges it
        Weak,    ///< two of the same model are not told apart
        Unknown, ///< nothing was told of either
    };
    Worth worth() const;
    /// Whether the server itself compares it when it is told to attach; otherwise the list has to be read before.
    bool isComparedByServer() const { return id && id->isKnown(); }
};

} // namespace model
