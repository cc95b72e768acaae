// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "base/uniquefd.h"
#include "kernel/usbdevice.h"
#include "values/result.h"

#include <string>
#include <vector>

namespace engine {

// Whether a device may be taken from who uses it here. The kernel itself never asks: unbinding a mounted disk succeeds
// and loses data.

/// Claims the disks of a USB device for as long as it lives, so that none can be mounted between the check and the
/// moment the device changes hands.
class StorageUse
{
public:
    /// Fault::Unsuitable, with the place, if a disk, a partition or what lies on it (encryption, RAID, LVM, loop) is a
    /// block device of another qube, is mounted, is swap, is held by another block device or opened exclusively.
    static Result<StorageUse> claim(const Paths &paths, const UsbDevice &device, Deadline deadline);

private:
    StorageUse() = default;
    std::vector<UniqueFd> m_disks;
};

/// One disk, partition, or device that lies on one.
struct BlockDevice
{
    std::string name;    ///< "sda1"
    std::string numbers; ///< "8:1"
    std::string folder;  ///< in sysfs
    bool isDisk = false; ///< of the USB device itself
};

/// Disks of the device, their partitions, and all that lies on these.
std::vector<BlockDevice> blockDevices(const Paths &paths, const UsbDevice &device);

/// Fault::Unsuitable if a network interface of the device has a route by which traffic leaves this qube (in the network
/// namespace of this process). Link-local and multicast routes, which every interface has, do not count.
Result<void> checkNetworkUse(const Paths &paths, const UsbDevice &device);

/// Programs that have something of the device open: a camera, a serial port, a card reader, the device itself; as
/// "pcscd (412)", each once, at most eight. For people: a device is taken from them.
std::vector<std::string> usersOf(const Paths &paths, const UsbDevice &device);

} // namespace engine
