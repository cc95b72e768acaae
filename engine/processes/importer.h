// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/locktable.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "base/uniquefd.h"
#include "kernel/connection.h"
#include "kernel/deviceevents.h"
#include "kernel/vhci.h"
#include "qubes/importstate.h"
#include "qubes/qrexecagent.h"
#include "values/report.h"
#include "values/result.h"

#include <chrono>
#include <optional>

namespace engine {

/// The frontend's half, the local program of qrexec-client-vm: takes the device that the backend sends over FD 0 and
/// stays for as long as it is attached.
class Importer
{
public:
    struct Limits
    {
        std::chrono::milliseconds handshake = std::chrono::seconds(20); ///< for the backend to prepare the device
        std::chrono::milliseconds usable = std::chrono::seconds(30);    ///< for the kernel to enumerate it
    };

    /// `report`: where the outcome is told, gone if nobody waits for it any more; `backendErrors`: what the service in
    /// the backend writes to its stderr arrives here after the report. Both may be none.
    Importer(const Paths &paths, const StopSignal &stop, const Log &log, UniqueFd report, UniqueFd backendErrors);

    /// Returns when the device has gone, or with the reason why it did not come.
    Result<void> run(const ImportKey &key, UniqueFd socket, const QrexecAgent &agent, const Limits &limits);

private:
    class Record;

    Result<void> attach(const ImportKey &key, UniqueFd socket, const QrexecAgent &agent, const Limits &limits);
    Result<void> waitUntilUsable(const VhciPort &port, std::uint32_t devId, const Connection &connection,
                                 DeviceEvents &events, Deadline deadline) const;
    Result<void> checkPort(const VhciPort &port, std::uint32_t devId) const;
    bool tell(const Report &report) const;
    void stay(const ImportKey &key, const Connection &connection, Record &record);
    void passOnErrors(const ImportKey &key);

    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
    UniqueFd m_report;
    UniqueFd m_backendErrors;
    Vhci m_vhci;
};

/// Waits until no device is at this place any more; false if one still is after `limit`.
bool waitUntilGone(const Paths &paths, const std::string &localBusid, Deadline deadline);

} // namespace engine
