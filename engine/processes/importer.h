// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "base/uniquefd.h"
#include "processes/importkeeper.h"
#include "processes/keeper.h"
#include "processes/timelimits.h"
#include "qubes/qrexecagent.h"
#include "values/importkey.h"
#include "values/report.h"
#include "values/result.h"

#include <chrono>

namespace engine {

/// The frontend's half, the relay of it, and the local program of qrexec-client-vm: takes the device that the backend
/// sends over FD 0 and stays for as long as it is attached. What changes the system is its keeper (see ImportKeeper).
class Importer
{
public:
    struct Limits
    {
        std::chrono::milliseconds handshake = handshakeTime; ///< for the backend to prepare the device
        std::chrono::milliseconds usable = usableTime;       ///< for the kernel to enumerate it

        /// Each its share of the time that there is for all.
        static Limits shares(std::chrono::milliseconds all);
    };

    /// `report`: where the outcome is told, gone if nobody waits for it any more; `backendErrors`: what the service in
    /// the backend writes to its stderr arrives here after the report. Both may be none.
    Importer(const Paths &paths, const StopSignal &stop, const Log &log, UniqueFd report, UniqueFd backendErrors,
             ImportKeeper::OpenUevents openUevents = Uevents::open);

    /// Returns when the device has gone, or with the reason why it did not come.
    Result<void> run(const ImportKey &key, UniqueFd socket, const QrexecAgent &agent, const Limits &limits);

private:
    std::optional<Message> expect(Keeper &keeper, Message::Kind kind, Deadline deadline) const;
    Result<void> connect(Keeper &keeper, const UniqueFd &socket, const QrexecAgent &agent, const Limits &limits) const;
    bool tell(const Report &report) const;
    void stay(const ImportKey &key, Keeper &keeper);
    void passOnErrors(const ImportKey &key);

    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
    UniqueFd m_report;
    UniqueFd m_backendErrors;
    ImportKeeper::OpenUevents m_openUevents;
    unsigned m_errorsLeft = 20; ///< lines of the backend that go into the log; a hostile one must not fill it
};

} // namespace engine
