// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "kernel/usbdevice.h"
#include "qubes/qubesdb.h"
#include "values/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace engine {

/// What udev knows of a device under a property's name; empty if nothing.
using Properties = std::function<std::string(const std::string &name)>;

/// What is published of a device: four fields with single blanks, the text in udev's own escapes (ID_VENDOR_ENC), so
/// there is no blank and no unprintable byte in them.
QubesDb::Device describe(const UsbDevice &device, const Properties &properties);

/// Publishes or withdraws a device after an event of udev (`action`: add, change or remove). Hubs, imported devices,
/// and those with QUBES_EXPORT_USB_DEVICE=0 are not published.
Result<void> publishEvent(const Paths &paths, std::string_view action, const BusId &busid,
                          const Properties &properties);

} // namespace engine
