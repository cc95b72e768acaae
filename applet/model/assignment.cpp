// SPDX-License-Identifier: GPL-2.0-or-later
#include "assignment.h"

#include "usbdevice.h"

namespace model {

bool Assignment::covers(const UsbDevice &usb) const
{
    return backend == usb.key.backend && (!port || *port == usb.key.port) && (!device || device == usb.id);
}

std::optional<AssignScope> Assignment::scope() const
{
    if (port && device)
        return AssignScope::PortAndDevice;
    if (port)
        return AssignScope::Port;
    return device ? std::optional(AssignScope::Device) : std::nullopt;
}

} // namespace model
