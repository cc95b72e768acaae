// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "hardwarenames.h"
#include "usbdevice.h"

namespace model {

/// What to call the device, without class or place, the product first: "DataTraveler 100 (Kingston Technology)". Empty
/// if nobody told anything; then the place is its only name.
PlainText deviceName(const UsbDevice &device, const HardwareNames &names);
/// Whether that name says more than who made it.
bool isProductNamed(const UsbDevice &device, const HardwareNames &names);

/// English one-line description as the Qubes tools make it, "USB Storage: Kingston Technology DataTraveler 100"; for
/// D-Bus and logs.
QString deviceDescription(const UsbDevice &device, const HardwareNames &names);

} // namespace model
