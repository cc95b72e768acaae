// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "kernel/connection.h"
#include "kernel/uevents.h"
#include "kernel/vhci.h"
#include "processes/channel.h"
#include "processes/loan.h"
#include "values/importkey.h"
#include "values/result.h"

#include <functional>

namespace engine {

/// The frontend's keeper: gives the connection that the relay hands it to vhci_hcd, waits until the device can be used,
/// and takes care that nothing of it is left at the end.
class ImportKeeper
{
public:
    using OpenUevents = std::function<Result<Uevents>()>;

    ImportKeeper(const Paths &paths, const StopSignal &stop, const Log &log, const Channel &relay,
                 OpenUevents openUevents);

    /// `usable`: how long the kernel may take for the device. Returns when the device has gone.
    Result<void> run(const ImportKey &key, std::chrono::milliseconds usable);

private:
    Result<void> serve(const ImportKey &key, LockTable &locks, Channel::Received connected, Loan<ImportLease> &loan,
                       std::chrono::milliseconds usable) const;
    Result<void> waitUntilBound(const VhciPort &port, std::uint32_t devId, const Connection &connection,
                                const Uevents &events, Deadline deadline) const;
    Result<void> waitUntilAllowed(const VhciPort &port, const Connection &connection, const Uevents &events,
                                  Deadline deadline) const;
    Result<void> checkPort(const VhciPort &port, std::uint32_t devId) const;
    Result<void> goOn(const Connection &connection) const;
    Deadline within(std::chrono::milliseconds limit) const { return Deadline(limit, m_stop.fd()); }

    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
    const Channel &m_relay;
    OpenUevents m_openUevents;
    Vhci m_vhci;
};

} // namespace engine
