// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "base/uniquefd.h"
#include "processes/keeper.h"
#include "qubes/qrexecagent.h"
#include "values/devicespec.h"
#include "values/qubename.h"
#include "values/result.h"

#include <optional>

namespace engine {

/// The backend's half, the relay of it: gives one device of this qube to the qube that called qubes.USB, until the
/// connection ends. What changes the system is its keeper (see ExportKeeper).
class Exporter
{
public:
    Exporter(const Paths &paths, const StopSignal &stop, const Log &log);

    /// `socket`: FD 0 of the service. `agent`: none for a socket service. Returns when the device has been given back.
    Result<void> run(const DeviceSpec &spec, const QubeName &frontend, UniqueFd socket,
                     const std::optional<QrexecAgent> &agent);

private:
    Result<void> connect(Keeper &keeper, const UniqueFd &socket, const QubeName &frontend,
                         const std::optional<QrexecAgent> &agent) const;
    std::optional<Message> expect(Keeper &keeper, Message::Kind kind, const UniqueFd &socket) const;
    Result<void> tell(const UniqueFd &socket, const std::string &line, const QubeName &frontend) const;

    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
};

} // namespace engine
