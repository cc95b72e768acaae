// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "base/uniquefd.h"
#include "kernel/usbdevice.h"
#include "values/result.h"

#include <string>

namespace engine {

/// The backend's driver, usbip-host (drivers/usb/usbip/stub_main.c and stub_dev.c).
/// Never used on purpose: "del" in match_busid (does not free the entry, poisons it while bound), "rebind" (crashes the
/// kernel in three situations) and "-1" in usbip_sockfd (unlocks a mutex it does not hold before 6.2).
class UsbipHost
{
public:
    static constexpr const char *driverName = "usbip-host";

    /// usbip_status of a bound device (enum usbip_device_status of include/uapi/linux/usbip.h).
    enum class Status {
        NotBound,
        Available = 1,
        Used = 2, ///< a connection has it, or it is being reset after one
        Error = 3,
    };

    explicit UsbipHost(const Paths &paths);

    Result<void> load(Deadline deadline) const;
    /// The device must have no driver. Fault::Missing when the table of 16 busids is full.
    Result<void> bind(const UsbDevice &device, Deadline deadline) const;
    /// Takes the device from whatever driver it has. Must never be done while the status is Used: that can block for
    /// ever.
    Result<void> unbind(const UsbDevice &device, Deadline deadline) const;
    /// Gives a device to `driver`, or to whatever the kernel finds for it, from whatever driver it has. The status must
    /// not be Used.
    Result<void> bindTo(const UsbDevice &device, const std::string &driver, Deadline deadline) const;
    static Status status(const UsbDevice &device);
    /// Waits while the status is Used: after a connection the kernel resets the device, which takes 150 to 310 ms.
    static Status waitUntilUnused(const UsbDevice &device, Deadline deadline);
    /// Hands the connection to the kernel, which holds it alone from then on (but for a Connection that watches it).
    static Result<void> handOver(const UsbDevice &device, UniqueFd socket);

private:
    Result<void> takeFrom(const UsbDevice &device, const std::string &driver) const;

    Paths m_paths;
};

} // namespace engine
