// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/importer.h"

#include "base/waiting.h"
#include "processes/lifeline.h"
#include "qubes/handshakereader.h"
#include "values/untrusted.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace engine {

namespace {

using namespace std::chrono_literals;

constexpr auto switchTime = 15s;
constexpr auto goneTime = 10s;
constexpr auto lookInterval = 200ms; // for what the kernel sends no event

} // namespace

/// The state file, gone with this object, or, if we are killed, by a process left behind.
class Importer::Record
{
public:
    Record(const Paths &paths, const ImportKey &key)
        : m_paths(paths)
        , m_key(key)
        , m_lifeline([this] { afterOurDeath(); })
    {
    }
    Record(const Record &) = delete;
    Record &operator=(const Record &) = delete;
    ~Record() { ImportState::remove(m_paths, m_key); }
    Lifeline &lifeline() { return m_lifeline; }

private:
    void afterOurDeath() const
    {
        auto locks = LockTable::open(m_paths);
        if (!locks)
            return;
        // A new import of the same device has a state file of its own.
        if (const auto lock = locks->lock(importLock(m_key.backend.text(), m_key.device.text())); lock)
            ImportState::remove(m_paths, m_key);
    }

    Paths m_paths;
    ImportKey m_key;
    Lifeline m_lifeline; // last: its child must see all of the above
};

Importer::Importer(const Paths &paths, const StopSignal &stop, const Log &log, UniqueFd report, UniqueFd backendErrors)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
    , m_report(std::move(report))
    , m_backendErrors(std::move(backendErrors))
    , m_vhci(paths)
{
}

Result<void> Importer::run(const ImportKey &key, UniqueFd socket, const QrexecAgent &agent, const Limits &limits)
{
    auto done = attach(key, std::move(socket), agent, limits);
    if (!done)
        tell({done.error(), {}});
    return done;
}

bool Importer::tell(const Report &report) const
{
    if (!m_report)
        return true;
    const std::string line = report.line();
    return send(m_report.get(), line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
}

Result<void> Importer::checkPort(const VhciPort &port, std::uint32_t devId) const
{
    const auto now = m_vhci.port(port.number);
    if (!now)
        return now.error();
    if (now->state == VhciPort::State::Free)
        return Error{Fault::Peer, "the connection ended while the device was being attached"};
    if (now->state == VhciPort::State::Used && (now->devId != devId || now->localBusid != port.localBusid))
        return Error{Fault::System, "another device came on virtual port " + std::to_string(port.number)};
    return {};
}

Result<void> Importer::waitUntilUsable(const VhciPort &port, std::uint32_t devId, const Connection &connection,
                                       DeviceEvents &events, Deadline deadline) const
{
    for (;;) {
        std::vector<Watch> watches{{events.fd()}, {connection.fd(), POLLRDHUP}, {m_stop.fd()}, {m_report.get(), 0}};
        waitForAny(watches, deadline.within(lookInterval));
        while (const auto event = events.next()) {
            if (event->busid == port.localBusid && event->action == "bind")
                return checkPort(port, devId);
        }
        if (watches[1].ready)
            return Error{Fault::Peer,
                         "the connection ended while the device was being attached: it may have been unplugged"};
        if (watches[2].ready || watches[3].ready)
            return Error{Fault::Cancelled, "the request was withdrawn"};
        if (const auto sound = checkPort(port, devId); !sound)
            return sound;
        if (deadline.passed())
            return Error{Fault::Timeout, "the device does not answer the kernel; unplug it and plug it in again"};
    }
}

Result<void> Importer::attach(const ImportKey &key, UniqueFd socket, const QrexecAgent &agent, const Limits &limits)
{
    auto locks = LockTable::open(m_paths);
    if (!locks)
        return locks.error();
    // What cleans up after an import that was killed holds it for a moment.
    const auto lock = locks->lock(importLock(key.backend.text(), key.device.text()), Deadline(busyTime));
    if (!lock)
        return Error{Fault::Busy, "it is attached to this qube already, or about to be"};
    if (const auto loaded = m_vhci.load(); !loaded)
        return loaded;

    m_log.step("waiting for " + key.text());
    const auto handshake = readHandshake(socket, m_stop.fd(), m_report.get(), Deadline(limits.handshake));
    if (!handshake)
        return handshake.error();
    // The peer's first byte is here, so the signal can't hit qrexec in the middle of its own handshake.
    if (const auto switched = agent.useSingleSocket(STDOUT_FILENO, Deadline(switchTime)); !switched)
        return switched;

    auto events = DeviceEvents::open();
    if (!events)
        return events.error();
    const auto connection = Connection::watch(socket);
    if (!connection)
        return connection.error();
    Record record(m_paths, key);
    const auto port = m_vhci.attach(*locks, handshake->devId, handshake->speed, std::move(socket));
    if (!port)
        return port.error();
    m_log.step(key.text() + " is on virtual port " + std::to_string(port->number) + ", expected as " +
               port->localBusid);

    auto outcome = ImportState{port->number, port->localBusid, handshake->devId}.save(m_paths, key);
    if (outcome)
        outcome = waitUntilUsable(*port, handshake->devId, *connection, *events, Deadline(limits.usable));
    if (outcome && !tell({std::nullopt, port->localBusid}))
        outcome = Error{Fault::Cancelled, "nobody waits for the device any more"};
    if (outcome) {
        m_report.reset();
        m_log.event(key.text() + " attached as " + port->localBusid);
        stay(key, *connection, record);
    }
    connection->end();
    const bool gone = waitUntilGone(m_paths, port->localBusid, Deadline(goneTime));
    if (outcome)
        m_log.event(key.text() + " detached" +
                    (gone ? "" : ", but its device " + port->localBusid + " does not go away"));
    return outcome;
}

void Importer::stay(const ImportKey &key, const Connection &connection, Record &record)
{
    for (;;) {
        std::vector<Watch> watches{
            {connection.fd(), POLLRDHUP}, {m_stop.fd()}, {record.lifeline().endFd()}, {m_backendErrors.get()}};
        waitForAny(watches, Deadline(1h));
        if (watches[0].ready || watches[1].ready)
            return;
        if (watches[2].ready)
            static_cast<void>(record.lifeline().renew());
        if (watches[3].ready)
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
    m_log.event(key.text() + ": " + key.backend.text() +
                " says: " + lastLines({untrusted.data(), static_cast<std::size_t>(got)}, 200));
}

bool waitUntilGone(const Paths &paths, const std::string &localBusid, Deadline deadline)
{
    const std::string folder = paths.usbDevices() + '/' + localBusid;
    while (access(folder.c_str(), F_OK) == 0) {
        if (deadline.passed())
            return false;
        poll(nullptr, 0, 10);
    }
    return true;
}

} // namespace engine
