// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "kernel/usbdevice.h"
#include "processes/lease.h"
#include "processes/timelimits.h"
#include "values/result.h"

namespace engine {

/// The one undo there is. Gives back what the lease says was taken, looking at what is so now: any number of times,
/// from any point that the export or import has come to. The caller holds the lock of the device, and its connection
/// has ended. The lease goes when all is done; it stays, and the device stays away from local drivers, if a step fails.
/// An imported disk that loses its connection about a second after it came, when the kernel has sent its first INQUIRY,
/// goes when that has timed out: after 21 s (drivers/scsi/scsi_scan.c).
Result<void> settle(const Paths &paths, const ExportLease &lease, Deadline deadline);
Result<void> settle(const Paths &paths, const ImportLease &lease, Deadline deadline);

/// What whoever had the lock before the caller has left; nothing if there is no lease. For a keeper that has just got
/// the lock above all: what the lease says, "blocked" say, would be lost with the one that is written next.
Result<void> settleBefore(const Paths &paths, const BusId &busid, Deadline deadline);
Result<void> settleBefore(const Paths &paths, const ImportKey &key, Deadline deadline);

/// Ends a connection that no process of ours has: waits a while for it to end by itself, then tells the kernel.
void endOrphanedConnection(const UsbDevice &device, Deadline deadline);

/// Settles the leases whose keeper is no more, and says so in the log; the first failure is returned. What a living
/// process has is left alone. One that hangs takes `each` of the caller's time at most; it, and those for which no time
/// is left, are tried again by the next caller.
Result<void> settleAbandoned(const Paths &paths, LockTable &locks, const Log &log, Deadline deadline,
                             std::chrono::milliseconds each = goneTime);

} // namespace engine
