// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "qubes/importstate.h"
#include "values/devicespec.h"
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

    Detacher(const Paths &paths, LockTable &locks, const Log &log);

    /// The frontend's form. Returns when the device has gone here, and normally when the backend has it back, too.
    Result<Outcome> detachImport(const ImportKey &key) const;
    /// The backend's form. Returns when the device is back with its driver (or parked, where that is set).
    Result<Outcome> detachExport(const DeviceSpec &spec) const;
    /// All of both, all at once; returns when all are really gone: the kernel refuses to suspend with a virtual port in
    /// use (vhci_hcd_suspend()). The error names what is left.
    Result<void> detachAll(std::chrono::milliseconds limit = std::chrono::seconds(30)) const;

private:
    Result<Outcome> endOrphanedImport(const ImportKey &key) const;
    Result<Outcome> endExport(const BusId &busid) const;
    std::vector<std::string> remaining() const;

    Paths m_paths;
    LockTable &m_locks;
    const Log &m_log;
};

} // namespace engine
