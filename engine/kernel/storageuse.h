// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "base/uniquefd.h"
#include "kernel/usbdevice.h"
#include "values/result.h"

#include <string>
#include <vector>

namespace engine {

/// Claims the disks of a USB device for as long as it lives, so that none can be mounted between the check and the
/// moment the device changes hands. The kernel itself never asks: unbinding a mounted disk succeeds and loses data.
class StorageUse
{
public:
    /// Fault::Unsuitable, with the place, if a disk or partition is mounted, is swap, or is held by another block
    /// device (encryption, RAID, LVM) or opened exclusively by a program.
    static Result<StorageUse> claim(const Paths &paths, const UsbDevice &device);

private:
    StorageUse() = default;
    std::vector<UniqueFd> m_disks;
};

/// One disk or partition.
struct BlockDevice
{
    std::string name;    ///< "sda1"
    std::string numbers; ///< "8:1"
    std::string folder;  ///< in sysfs
    bool isDisk = false;
};

/// Disks of the device and their partitions.
std::vector<BlockDevice> blockDevices(const UsbDevice &device);

} // namespace engine
