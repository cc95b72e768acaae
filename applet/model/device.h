// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "assignment.h"
#include "failure.h"
#include "usbdevice.h"

namespace model {

enum class DeviceState { Free, Attaching, Attached, Detaching, Moving, Failed };

/// Stable lower-case name: "free", "attaching", "attached", "detaching", "moving", "failed".
const char *deviceStateName(DeviceState state);

/// One row: a device and what is happening to it.
struct Device
{
    UsbDevice usb;
    DeviceState state = DeviceState::Free;
    std::optional<QubeName> attachedTo = {}; ///< the truth as read last, whatever the state
    std::optional<QubeName> target = {};     ///< where the job that runs wants it
    std::optional<Failure> failure = {};     ///< with Failed: why the last job failed
    bool abandoned = false;                  ///< busy with what nobody waits for any more
    bool ambiguous = false;                  ///< another device has the same name: show the port as well
    QList<Assignment> assignments = {};      ///< automatic rules that cover it; read when they are first wanted

    bool operator==(const Device &) const = default;
    const DeviceKey &key() const { return usb.key; }
    bool isBusy() const
    {
        return state == DeviceState::Attaching || state == DeviceState::Detaching || state == DeviceState::Moving;
    }
};

} // namespace model
