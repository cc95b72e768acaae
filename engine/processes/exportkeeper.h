// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "kernel/usbiphost.h"
#include "processes/channel.h"
#include "processes/loan.h"
#include "values/devicespec.h"
#include "values/qubename.h"
#include "values/result.h"

#include <sys/types.h>

namespace engine {

/// The backend's keeper: takes one device of this qube from its driver, gives the kernel the connection that the relay
/// hands it, and gives the device back at the end, whatever that is.
class ExportKeeper
{
public:
    ExportKeeper(const Paths &paths, const StopSignal &stop, const Log &log, const Channel &relay);

    /// `agent`: qrexec's process of this connection, 0 for none. Returns when the device has been given back.
    Result<void> run(const DeviceSpec &spec, const QubeName &frontend, pid_t agent);

private:
    Result<UsbDevice> find(const DeviceSpec &spec) const;
    Result<LockTable::Lock> lock(LockTable &locks, const BusId &busid) const;
    Result<void> take(const UsbDevice &device, Loan<ExportLease> &loan) const;
    Result<void> prepare(const UsbDevice &device) const;
    Result<void> serve(const UsbDevice &device, const QubeName &frontend) const;
    Result<void> goOn(const BusId &busid) const;
    Deadline within(std::chrono::milliseconds limit) const { return Deadline(limit, m_stop.fd()); }

    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
    const Channel &m_relay;
    UsbipHost m_host;
};

} // namespace engine
