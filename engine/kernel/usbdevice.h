// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "kernel/sysfsdir.h"
#include "values/busid.h"
#include "values/devicespec.h"
#include "values/speed.h"

#include <string>
#include <vector>

namespace engine {

/// A whole USB device of this qube, held by its folder in sysfs: it stays this device even if another one comes under
/// the same busid (then everything here fails).
class UsbDevice
{
public:
    /// Fault::NotFound if there is no such device.
    static Result<UsbDevice> open(const Paths &paths, const BusId &busid);

    const BusId &busid() const { return m_busid; }
    const SysfsDir &dir() const { return m_dir; }
    VidPid vidPid() const;
    std::string vendorAndProduct() const; ///< "VVVV:PPPP"
    std::string product() const;          ///< its own name for itself, cleaned; may be empty
    bool isHub() const;                   ///< bDeviceClass 09 (USB 2.0 specification, 11.23.1)
    bool isImported() const;              ///< comes from another qube through vhci_hcd
    bool isBlocked() const;               ///< this qube does not authorize it (authorized = 0), as usbguard does
    std::string driver() const;           ///< of the device, not of its interfaces; empty if it has none
    bool isPresent() const;
    Result<Speed> speed() const;
    /// busnum << 16 | devnum, read now: it changes with a re-enumeration.
    Result<std::uint32_t> devId() const;
    /// Ids and serial on one line, cleaned: what stays when it is unplugged and plugged in, or reset.
    std::string idsAndSerial() const;
    /// USBDEVFS_RESET (include/uapi/linux/usbdevice_fs.h).
    Result<void> reset(const Paths &paths, Deadline deadline) const;
    /// Node below /dev, "bus/usb/001/002".
    Result<std::string> node() const;
    /// Nothing if it is still the device that was opened (same number, descriptors and serial), else what changed.
    Result<void> verifyUnchanged() const;

private:
    UsbDevice(BusId busid, SysfsDir dir);
    std::string identity() const;

    BusId m_busid;
    SysfsDir m_dir;
    std::string m_identity;
};

/// All whole devices, hubs and imported ones too, in the order of their names; those that go meanwhile are left out.
std::vector<UsbDevice> listDevices(const Paths &paths);

/// The device that is meant. A vendor and product id has to match exactly one that could be exported.
Result<UsbDevice> findDevice(const Paths &paths, const DeviceSpec &spec);

/// Waits until no device has this name any more; false if one still has at the deadline.
bool waitUntilGone(const Paths &paths, const std::string &busid, Deadline deadline);

} // namespace engine
