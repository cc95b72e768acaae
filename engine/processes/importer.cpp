// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/importer.h"

#include "base/waiting.h"
#include "qubes/handshakereader.h"
#include "values/untrusted.h"

#include <algorithm>
#include <array>
#include <sys/socket.h>
#include <unistd.h>

namespace engine {

Importer::Limits Importer::Limits::shares(std::chrono::milliseconds all)
{
    // The rest is for the lock, the module, and qrexec's switch.
    return {std::min<std::chrono::milliseconds>(handshakeTime, all / 2),
            std::min<std::chrono::milliseconds>(usableTime, all * 3 / 10)};
}

Importer::Importer(const Paths &paths, const StopSignal &stop, const Log &log, UniqueFd report, UniqueFd backendErrors,
                   ImportKeeper::OpenUevents openUevents)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
    , m_report(std::move(report))
    , m_backendErrors(std::move(backendErrors))
    , m_openUevents(std::move(openUevents))
{
}

bool Importer::tell(const Report &report) const
{
    if (!m_report)
        return true;
    const std::string line = report.line();
    return send(m_report.get(), line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

/// Its next message, or nothing: nobody waits for the device any more, we are to stop, or the keeper has ended.
std::optional<Message> Importer::expect(Keeper &keeper, Message::Kind kind, Deadline deadline) const
{
    auto message = keeper.next({{m_report.get(), 0}}, deadline);
    return message && message->kind == kind ? message : std::nullopt;
}

/// Up to where the device can be used. What the keeper knows better is its outcome.
Result<void> Importer::connect(Keeper &keeper, const UniqueFd &socket, const QrexecAgent &agent,
                               const Limits &limits) const
{
    const Deadline untilStop(std::chrono::hours(1), m_stop.fd());
    const Error withdrawn{Fault::Cancelled, "the request was withdrawn"};
    if (!expect(keeper, Message::Kind::Ready, untilStop))
        return withdrawn;
    const auto handshake =
        readHandshake(socket, {{m_stop.fd()}, {m_report.get(), 0}, {keeper.fd()}}, Deadline(limits.handshake));
    if (!handshake)
        return handshake.error();
    // The peer's first byte is here, so the signal can't hit qrexec in the middle of its own handshake.
    if (const auto switched = agent.useSingleSocket(STDOUT_FILENO, Deadline(switchTime, m_stop.fd())); !switched)
        return switched;
    const Message message{Message::Kind::Socket, {}, handshake->devId, handshake->speed.text()};
    if (const auto given = keeper.send(message, socket.get()); !given)
        return given;
    const auto usable = expect(keeper, Message::Kind::Usable, untilStop);
    if (!usable)
        return withdrawn;
    if (!tell({std::nullopt, usable->text}))
        return Error{Fault::Cancelled, "nobody waits for the device any more"};
    return keeper.send({Message::Kind::Told, {}, 0, ""});
}

Result<void> Importer::run(const ImportKey &key, UniqueFd socket, const QrexecAgent &agent, const Limits &limits)
{
    auto keeper = Keeper::start([&](const Channel &relay) {
        // Its own: a signal is read by the process that it was sent to.
        const StopSignal stop;
        return ImportKeeper(m_paths, stop, m_log, relay, m_openUevents).run(key, limits.usable);
    });
    if (!keeper) {
        tell({keeper.error(), {}});
        return keeper.error();
    }
    const auto connected = connect(*keeper, socket, agent, limits);
    if (connected) {
        m_report.reset();
        stay(key, *keeper);
    }
    static_cast<void>(keeper->send({Message::Kind::Stop, {}, 0, ""}));
    auto outcome = keeper->outcome(givingBackTime);
    shutdown(socket.get(), SHUT_RDWR);
    // What the keeper says counts, unless all it knows is that we wanted no more.
    if (!connected && (outcome || outcome.error().fault == Fault::Cancelled))
        outcome = connected;
    if (!connected)
        tell({outcome.error(), {}});
    return outcome;
}

/// For as long as the device is here.
void Importer::stay(const ImportKey &key, Keeper &keeper)
{
    while (!keeper.hasEnded() && !m_stop.asked()) {
        std::vector<Watch> watches{{m_backendErrors.get()}};
        keeper.next(watches, Deadline(std::chrono::hours(1), m_stop.fd()));
        if (waitForAny(watches, Deadline(std::chrono::milliseconds(0))))
            passOnErrors(key);
    }
}

/// Unread, they would fill qrexec's pipe and then stop the device, too.
void Importer::passOnErrors(const ImportKey &key)
{
    std::array<char, 4096> untrusted{};
    const ssize_t got = read(m_backendErrors.get(), untrusted.data(), untrusted.size());
    if (got <= 0) {
        m_backendErrors.reset();
        return;
    }
    if (m_errorsLeft == 0)
        return;
    m_log.event(key.text() + ": " + key.backend.text() +
                " says: " + lastLines({untrusted.data(), static_cast<std::size_t>(got)}, 200));
    if (--m_errorsLeft == 0)
        m_log.event(key.text() + ": what else " + key.backend.text() + " says is not logged");
}

} // namespace engine
