// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "kernel/usbdevice.h"
#include "processes/timelimits.h"
#include "values/devicespec.h"
#include "values/importkey.h"
#include "values/result.h"

#include <chrono>
#include <string>
#include <vector>

namespace engine {

/// Ends imports and exports of this qube. What is not attached is detached already: that is no error.
class Detacher
{
public:
    enum class Outcome { Detached, WasNot };

    Detacher(const Paths &paths, LockTable &locks, const StopSignal &stop, const Log &log);

    /// The frontend's form. Returns when the device has gone here, and normally when the backend has it back, too.
    Result<Outcome> detachImport(const ImportKey &key) const;
    /// The backend's form. Returns when the device is back with its driver (or parked, where that is set).
    Result<Outcome> detachExport(const DeviceSpec &spec) const;
    /// All of both, all at once, and keeps new ones away until `resume`; returns when all are really gone: the kernel
    /// refuses to suspend with a virtual port in use (vhci_hcd_suspend()). The error names what is left at `limit`.
    Result<void> detachAll(std::chrono::milliseconds limit = detachAllTime) const;
    /// After that sleep: lets attaches in again, and puts right what did not survive it.
    Result<void> resume() const;

private:
    Result<LockTable::Lock> lock(const std::string &name, Deadline deadline, const Error &whenBusy) const;
    Result<LockTable::Lock> waitForSettling(const std::string &name, Deadline deadline) const;
    Result<LockTable::Lock> lockOf(const std::string &name, Deadline deadline) const;
    void settleOthers() const;
    Result<Outcome> endImport(const ImportKey &key, Deadline deadline) const;
    Result<Outcome> endOldImport(const ImportKey &key, Deadline deadline) const;
    Result<Outcome> findAndEndExport(const DeviceSpec &spec, Deadline deadline) const;
    Result<Outcome> endExport(const BusId &busid, Deadline deadline) const;
    Result<Outcome> endForeignExport(const UsbDevice &device, Deadline deadline) const;
    Result<void> endProcess(const UniqueFd &process, const std::string &what, Deadline deadline) const;
    std::vector<std::string> remaining() const;

    Paths m_paths;
    LockTable &m_locks;
    const StopSignal &m_stop;
    const Log &m_log;
};

} // namespace engine
