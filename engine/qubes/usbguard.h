// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/usbdevice.h"
#include "values/result.h"

namespace engine {

/// Whether this qube does not authorize the device for itself (authorized = 0), as usbguard does. Exported like that,
/// the frontend would take it for configured while it is not (usb_set_configuration() in drivers/usb/core/message.c).
bool isBlocked(const UsbDevice &device);

/// Authorizes a device that is bound to usbip-host, so that no local driver gets it: through usbguard where it is
/// installed, so that it knows, else directly.
Result<void> allow(const Paths &paths, const UsbDevice &device);

} // namespace engine
