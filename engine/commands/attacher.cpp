// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/attacher.h"

#include "base/locktable.h"
#include "base/subprocess.h"
#include "base/waiting.h"
#include "kernel/vhci.h"
#include "processes/lease.h"
#include "processes/timelimits.h"
#include "values/report.h"
#include "values/split.h"
#include "values/untrusted.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace engine {

namespace {

constexpr std::size_t errorsLimit = 16384;
constexpr std::size_t reasonLimit = 300;
constexpr auto lookInterval = 100ms; ///< at the state of a port, of which the kernel sends no event

/// What has been heard of one attempt.
struct Attempt
{
    std::string untrustedErrors; ///< stderr of the service in the backend, the last of it
    std::string reportText;
    bool errorsOpen = true;
    bool reportOpen = true;

    std::optional<Report> report() const
    {
        const std::size_t end = reportText.find('\n');
        return end == std::string::npos ? std::nullopt : Report::parse(std::string_view(reportText).substr(0, end));
    }
};

void readInto(std::string &text, bool &open, int fd, std::size_t limit)
{
    std::array<char, 4096> buffer{};
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        open = false;
        return;
    }
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > limit)
        text.erase(0, text.size() - limit);
}

/// The lines of one stderr, by who wrote them. qrexec-client-vm writes to the same one as the backend's service:
/// "DATE TIME qrexec-client-vm[PID]: FILE:LINE:FUNCTION: TEXT" (libqrexec/log.c of qubes-core-qrexec).
struct Said
{
    std::string backend;
    std::string local;
};

Said bySpeaker(const std::string &untrusted, pid_t client)
{
    Said said;
    const std::string mark = " qrexec-client-vm[" + std::to_string(client) + "]: ";
    for (std::string line : linesOf(untrusted)) {
        const std::size_t at = line.find(mark);
        if (at == std::string::npos) {
            said.backend += line + '\n';
            continue;
        }
        line.erase(0, at + mark.size());
        // Where in its source, which helps nobody here.
        const std::size_t place = line.find(": ");
        if (place != std::string::npos && std::ranges::count(line.substr(0, place), ':') == 2)
            line.erase(0, place + 2);
        // True whenever the service ends before its local program does, and nothing for a user.
        if (line.find("vchan connection closed early") == std::string::npos)
            said.local += line + '\n';
    }
    return said;
}

/// How far the import before this one is, as its lease and the port of the kernel tell.
enum class Phase {
    Unknown,  ///< no lease: it has only begun, or has given it up
    Attached, ///< or being enumerated
    Leaving,  ///< its connection has ended; it waits for the kernel to take the device away
};

Phase phaseOf(const Paths &paths, const ImportKey &key)
{
    const auto lease = Leases(paths).find(key);
    if (!lease)
        return Phase::Unknown;
    const auto port = Vhci(paths).port(lease->port);
    if (!port)
        return Phase::Attached;
    // While it is being enumerated the port names no device (port_show_vhci in vhci_sysfs.c): that one is coming.
    const bool gone =
        port->state == VhciPort::State::Free || (port->state == VhciPort::State::Used && port->devId != lease->devId);
    return gone ? Phase::Leaving : Phase::Attached;
}

/// Waits for the import before this one, if it is about to end: the kernel takes its time (more than 3 s with a disk
/// that was still being looked at, Linux 6.12). Fault::Busy if it stays.
std::optional<Error> waitForTheOneBefore(const Paths &paths, const StopSignal &stop, const ImportKey &key)
{
    const auto locks = LockTable::open(paths);
    if (!locks)
        return locks.error();
    const Deadline busy(busyTime);
    const Deadline leaving(leavingTime);
    Phase phase = Phase::Unknown;
    while (const UniqueFd import = locks->ownerProcess(importLock(key.backend.text(), key.device.text()))) {
        std::vector<Watch> watches{{import.get()}, {stop.fd()}};
        if (waitForAny(watches, Deadline(lookInterval)) && watches[1].ready)
            return Error{Fault::Cancelled, "the request was withdrawn"};
        if (watches[0].ready) {
            phase = Phase::Unknown; // another one may have come
            continue;
        }
        const Phase now = phaseOf(paths, key);
        // The lease goes before its process does.
        phase = now == Phase::Unknown && phase != Phase::Unknown ? Phase::Leaving : now;
        if (!busy.passed())
            continue;
        if (phase != Phase::Leaving)
            return Error{Fault::Busy, "it is attached to this qube already, or about to be"};
        if (leaving.passed())
            return Error{Fault::Busy, "its last connection has ended, but this qube's kernel does not let go of it; "
                                      "see the kernel's log of this qube"};
    }
    return std::nullopt;
}

/// Why it failed, from what qrexec's exit code, the import and the backend say of it.
Error explain(const ImportKey &key, const Attempt &attempt, int code, pid_t client)
{
    const std::string &backend = key.backend.text();
    const auto report = attempt.report();
    const Said words = bySpeaker(attempt.untrustedErrors, client);
    const std::string said = lastLines(words.backend, reasonLimit);
    // The import's own reason counts unless all it knows is that the backend left.
    const bool importKnows = report && report->failure && report->failure->fault != Fault::Peer;
    if (importKnows && report->failure->fault == Fault::Timeout)
        return {Fault::Timeout,
                backend + ": " + report->failure->text + (said.empty() ? "" : " (it says: " + said + ")")};
    if (importKnows)
        return *report->failure;
    switch (code) {
    case 126:
        return {Fault::Denied, "dom0 does not allow it: there is no running qube '" + backend +
                                   "', or the policy refuses the call qubes.USB+" + key.device.text() +
                                   " from this qube to it"};
    case 127:
        return {Fault::Peer, "qube " + backend +
                                 " has no service qubes.USB: install qubes-usb-engine in its template and restart it"};
    case 125:
        return {Fault::Peer, "qube " + backend + " cannot run its service qubes.USB: see the log of qrexec there"};
    default:
        break;
    }
    if (!said.empty())
        return {Fault::Peer, "qube " + backend + " says: " + said};
    if (const std::string local = lastLines(words.local, reasonLimit); !local.empty())
        return {Fault::System, "qrexec of this qube says: " + local};
    if (report && report->failure)
        return {Fault::Peer, "qube " + backend + ": " + report->failure->text};
    if (code == 255)
        return {Fault::Peer, "the connection to qube " + backend + " was lost: is it still running?"};
    return {Fault::Peer, "the call to qube " + backend + " failed without a reason (exit code " + std::to_string(code) +
                             "); see its log"};
}

} // namespace

Attacher::Attacher(const Paths &paths, const StopSignal &stop, const Log &log)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
{
}

Result<std::string> Attacher::run(const ImportKey &key, const Setup &setup)
{
    const Deadline whole(setup.limit);
    if (const auto error = waitForTheOneBefore(m_paths, m_stop, key))
        return *error;
    std::array<int, 2> reportEnds{};
    std::array<int, 2> errorEnds{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, reportEnds.data()) != 0)
        return systemError("cannot make a socket pair", errno);
    const UniqueFd report(reportEnds[0]);
    UniqueFd importsReport(reportEnds[1]);
    if (pipe2(errorEnds.data(), O_CLOEXEC) != 0)
        return systemError("cannot make a pipe", errno);
    const UniqueFd errors(errorEnds[0]);
    UniqueFd backendErrors(errorEnds[1]);

    // One budget: what is left of ours, but for the time that it takes to tell.
    const auto budget = std::chrono::duration_cast<std::chrono::seconds>(whole.left() - answerTime);
    // The import goes on reading the backend's stderr when we are done (its FD 4): unread, it would stop the device.
    const std::string stateFile = m_paths.run + '/' + key.fileName();
    auto client = Subprocess::start({.argv = {setup.client, "--", key.backend.text(), "qubes.USB+" + key.device.text(),
                                              setup.engine, "import", "--report-fd=3", "--errors-fd=4", "--timeout",
                                              std::to_string(std::max<long>(budget.count(), 1)), stateFile},
                                     .out = -1,
                                     .err = backendErrors.get(),
                                     .extra = {importsReport.get(), errors.get()},
                                     .ownSession = true,
                                     .path = m_paths.programs});
    if (!client)
        return client.error();
    importsReport.reset();
    backendErrors.reset();
    m_log.step("called qubes.USB+" + key.device.text() + " in " + key.backend.text());

    Attempt attempt;
    std::optional<Error> given;
    Deadline deadline(whole.left());
    bool ending = false;
    const auto leave = [&](const Error &error) {
        // The import sees our end of the report close, and ends what it began.
        given = error;
        client->terminate();
        shutdown(report.get(), SHUT_RDWR);
        ending = true;
        deadline = Deadline(answerTime);
    };
    // After a failure: until qrexec has ended and all of the backend's words are read.
    for (;;) {
        // Looked at once a turn: what ends between two looks would be waited for no more.
        const bool clientEnded = client->wait(Deadline(0ms)) >= 0;
        if (clientEnded && !attempt.errorsOpen)
            break;
        std::vector<Watch> watches{{attempt.errorsOpen ? errors.get() : -1},
                                   {attempt.reportOpen && !attempt.report() ? report.get() : -1},
                                   {clientEnded ? -1 : client->endFd()},
                                   {ending ? -1 : m_stop.fd()}};
        const bool any = waitForAny(watches, deadline);
        if (watches[0].ready)
            readInto(attempt.untrustedErrors, attempt.errorsOpen, errors.get(), errorsLimit);
        if (watches[1].ready)
            readInto(attempt.reportText, attempt.reportOpen, report.get(), errorsLimit);
        const auto heard = attempt.report();
        if (!given && heard && !heard->failure)
            return heard->localBusid;
        if (heard && !ending) {
            ending = true;
            deadline = Deadline(answerTime);
        }
        if (watches[2].ready && !ending) {
            ending = true;
            deadline = Deadline(answerTime);
        }
        if (watches[3].ready)
            leave({Fault::Cancelled, "the request was withdrawn"});
        if (!any && ending)
            break;
        if (!any)
            leave({Fault::Timeout,
                   "qube " + key.backend.text() +
                       " did not answer in time: is it hanging, or is dom0 asking you whether to allow it?"});
    }
    const int code = client->wait(Deadline(0ms));
    if (code < 0)
        client->terminate();
    return given ? *given : explain(key, attempt, code, client->pid());
}

} // namespace engine
