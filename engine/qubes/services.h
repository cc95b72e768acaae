// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace engine {

// Services by which dom0 tells a qube how to treat devices (`qvm-service QUBE NAME on`; see Paths::serviceEnabled).

/// A device that was detached stays with usbip-host, away from all drivers of this qube.
constexpr const char *parkService = "usb-park-on-detach";
/// Each device is reset before it is handed over.
constexpr const char *resetService = "usb-reset-on-attach";
/// A network adapter is handed over even while traffic goes through it.
constexpr const char *takeInUseService = "usb-take-in-use";

} // namespace engine
