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

    Result<void> load() const;
    /// The device must have no driver. Fault::Missing when the table of 16 busids is full.
    Result<void> bind(const UsbDevice &device) const;
    /// Takes the device from whatever driver it has. Must never be done while the status is Used: that can block for
    /// ever.
    Result<void> unbind(const UsbDevice &device) const;
    /// Gives a device without driver to `driver`, or to whatever the kernel finds for it.
    Result<void> bindTo(const UsbDevice &device, const std::string &driver) const;
    static Status status(const UsbDevice &device);
    /// Waits while the status is Used: after a connection the kernel resets the device, which takes 150 to 310 ms.
    static Status waitUntilUnused(const UsbDevice &device, Deadline deadline);
    /// Hands the connection to the kernel, which holds it alone from then on (but for a Connection that watches it).
    static Result<void> handOver(const UsbDevice &device, UniqueFd socket);

private:
    Paths m_paths;
};

/// How a device is to be given back.
struct GiveBack
{
    std::string driver = "usb"; ///< the one it had before
    bool deauthorize = false;   ///< it was blocked (authorized = 0) before: local drivers must not get it
    bool park = false;          ///< leave it bound to usbip-host, where nothing in this qube can use it
};

/// Gives a device that is bound to usbip-host back to its driver, once no connection uses it any more. All is well,
/// too, if the device has gone or has a driver already. Used at the end of an export, and to repair what a killed one
/// left.
Result<void> giveBack(const Paths &paths, const BusId &busid, const GiveBack &how);

/// USBDEVFS_RESET (include/uapi/linux/usbdevice_fs.h).
Result<void> resetDevice(const Paths &paths, const UsbDevice &device);

} // namespace engine
