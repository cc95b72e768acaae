// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "kernel/usbdevice.h"
#include "values/result.h"

namespace engine {

/// Authorizes a device that is bound to usbip-host, so that no local driver gets it: through usbguard where it is
/// installed, so that it knows, else directly.
Result<void> allow(const Paths &paths, const UsbDevice &device, Deadline deadline);

/// Takes that back, and makes sure: a device that is not blocked when this returns is an error.
Result<void> block(const Paths &paths, const UsbDevice &device, Deadline deadline);

} // namespace engine
