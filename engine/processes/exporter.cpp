// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/exporter.h"

#include "base/waiting.h"
#include "processes/exportkeeper.h"
#include "processes/timelimits.h"
#include "values/handshake.h"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace engine {

Exporter::Exporter(const Paths &paths, const StopSignal &stop, const Log &log)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
{
}

/// Its next message, or nothing: the frontend has gone, we are to stop, or the keeper has ended.
std::optional<Message> Exporter::expect(Keeper &keeper, Message::Kind kind, const UniqueFd &socket) const
{
    auto message = keeper.next({{socket.get(), POLLRDHUP}}, Deadline(std::chrono::hours(1), m_stop.fd()));
    return message && message->kind == kind ? message : std::nullopt;
}

/// The line that a frontend waits for. The kernel sends on the same socket, which may be full: not waited for long.
Result<void> Exporter::tell(const UniqueFd &socket, const std::string &line, const QubeName &frontend) const
{
    const Deadline deadline(sendTime, m_stop.fd());
    for (;;) {
        const ssize_t sent = send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent == static_cast<ssize_t>(line.size()))
            return {};
        std::vector<Watch> watches{{socket.get(), POLLOUT | POLLRDHUP}};
        if (sent >= 0 || (errno != EAGAIN && errno != EINTR) || !waitForAny(watches, deadline))
            return Error{Fault::Peer, "qube " + frontend.text() + " ended the connection before it got the device"};
    }
}

/// Up to where the frontend has the device. What the keeper knows better is its outcome.
Result<void> Exporter::connect(Keeper &keeper, const UniqueFd &socket, const QubeName &frontend,
                               const std::optional<QrexecAgent> &agent) const
{
    const Error gone{Fault::Peer, "qube " + frontend.text() + " ended the connection before it got the device"};
    const auto ready = expect(keeper, Message::Kind::Ready, socket);
    if (!ready)
        return gone;
    const auto speed = Speed::parse(ready->text);
    if (!speed)
        return Error{Fault::System, "the device has no valid speed"};
    if (agent) {
        const Deadline deadline(switchTime, m_stop.fd());
        if (const auto switched = agent->useSingleSocket(STDOUT_FILENO, deadline); !switched)
            return switched;
    }
    if (const auto given = keeper.send({Message::Kind::Socket, {}, 0, ""}, socket.get()); !given)
        return given;
    if (!expect(keeper, Message::Kind::Given, socket))
        return gone;
    if (const auto told = tell(socket, Handshake{ready->devId, *speed}.line(), frontend); !told)
        return told;
    return keeper.send({Message::Kind::Told, {}, 0, ""});
}

Result<void> Exporter::run(const DeviceSpec &spec, const QubeName &frontend, UniqueFd socket,
                           const std::optional<QrexecAgent> &agent)
{
    auto keeper = Keeper::start([&](const Channel &relay) {
        // Its own: a signal is read by the process that it was sent to.
        const StopSignal stop;
        return ExportKeeper(m_paths, stop, m_log, relay).run(spec, frontend, agent ? agent->pid() : 0);
    });
    if (!keeper)
        return keeper.error();
    const auto connected = connect(*keeper, socket, frontend, agent);
    if (connected) {
        while (!keeper->hasEnded() && !m_stop.asked())
            keeper->next({}, Deadline(std::chrono::hours(1), m_stop.fd()));
    }
    // Whatever ended it, the keeper gives the device back before we go: with us the call of the frontend ends.
    static_cast<void>(keeper->send({Message::Kind::Stop, {}, 0, ""}));
    const auto outcome = keeper->outcome(givingBackTime);
    shutdown(socket.get(), SHUT_RDWR);
    // What the keeper says counts, unless all it knows is that we wanted no more.
    return !connected && (outcome || outcome.error().fault == Fault::Cancelled) && !m_stop.asked() ? connected
                                                                                                   : outcome;
}

} // namespace engine
