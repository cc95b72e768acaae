// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceid.h"
#include "names.h"

#include <optional>

namespace model {

struct UsbDevice;

/// How a rule attaches. Automatic and Ask are R4.3+, Persistent is R4.1/4.2; Required only ever comes from elsewhere
/// (a qube whose required device is missing does not start, so the applet does not offer it).
enum class AssignMode { Manual, Ask, Automatic, Required, Persistent };

/// What a rule is bound to.
enum class AssignScope { Port, Device, PortAndDevice };

/// An automatic rule of `frontend`: which device at which port. Nothing stands for "any".
struct Assignment
{
    QubeName frontend;
    QubeName backend;
    std::optional<PortId> port = {};
    std::optional<DeviceId> device = {};
    AssignMode mode = AssignMode::Automatic;

    bool operator==(const Assignment &) const = default;
    /// Whether the rule is about this device, as it is now.
    bool covers(const UsbDevice &usb) const;
    /// Nothing for one that is about every device of the backend.
    std::optional<AssignScope> scope() const;
};

/// A device that is attached now, as the list of its frontend has it.
struct Attachment
{
    DeviceKey device;
    bool maybeOnlyRemembered = false; ///< R4.1/4.2: a persistent entry may stand for a device that is not there

    bool operator==(const Attachment &) const = default;
};

} // namespace model
