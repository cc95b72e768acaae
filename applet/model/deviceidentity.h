// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceid.h"
#include "plaintext.h"

namespace model {

/// What makes a device this one and no other: all that the server tells of it but where it is.
struct DeviceIdentity
{
    std::optional<DeviceId> id = {}; ///< R4.3+ only
    quint16 vendorId = 0;            ///< 0 (with productId 0) if the server does not tell
    quint16 productId = 0;
    QList<Interface> interfaces = {};
    PlainText vendor = {};       ///< what the server calls it, from its usb.ids
    PlainText product = {};      ///< what the server calls it, from its usb.ids
    PlainText manufacturer = {}; ///< what the device calls its maker
    PlainText serial = {};
    PlainText text = {}; ///< R4.1/4.2: the one free text there is; also holds the serial

    bool operator==(const DeviceIdentity &) const = default;

    /// Whether the server itself compares it when it is told to attach; otherwise the list has to be read before.
    bool isComparedByServer() const { return id && id->isKnown(); }
};

} // namespace model
