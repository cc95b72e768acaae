// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "values/result.h"

#include <string>

namespace engine {

/// Has a kernel module loaded and fully started: modprobe is waited for, then the module has to be "live" (or built
/// in). Files of vhci_hcd appear before the driver can serve them (vhci_start() in drivers/usb/usbip/vhci_hcd.c), so
/// their presence says nothing. `evidence`: a path that exists when the driver is there. Fault::Missing otherwise.
Result<void> loadModule(const Paths &paths, const std::string &module, const std::string &evidence, Deadline deadline);

/// Whether loadModule would find it: loaded, built in, or known to modprobe.
bool moduleAvailable(const Paths &paths, const std::string &module, const std::string &evidence);

} // namespace engine
