// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "kernel/connection.h"
#include "kernel/usbiphost.h"
#include "qubes/qrexecagent.h"
#include "qubes/qubesdb.h"
#include "values/devicespec.h"
#include "values/qubename.h"
#include "values/result.h"

#include <optional>

namespace engine {

/// The backend's half: gives one device of this qube to the qube that called qubes.USB, until the connection ends.
class Exporter
{
public:
    Exporter(const Paths &paths, const StopSignal &stop, const Log &log);

    /// `socket`: FD 0 of the service. `agent`: none for a socket service. Returns when the device has been given back.
    Result<void> run(const DeviceSpec &spec, const QubeName &frontend, UniqueFd socket,
                     const std::optional<QrexecAgent> &agent);

private:
    class Loan;

    Result<UsbDevice> find(const DeviceSpec &spec) const;
    Result<LockTable::Lock> lock(LockTable &locks, const BusId &busid) const;
    Result<void> makeAvailable(const UsbDevice &device) const;
    Result<void> prepare(const UsbDevice &device) const;
    Result<void> serve(const UsbDevice &device, const QubeName &frontend, UniqueFd socket,
                       const std::optional<QrexecAgent> &agent, Loan &loan) const;

    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
    UsbipHost m_host;
};

/// Who has a device of this qube that is locked for export, from the environment of the process that has the lock.
std::string frontendOf(const Paths &paths, const LockTable &locks, const BusId &busid);

} // namespace engine
