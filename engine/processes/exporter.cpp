// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/exporter.h"

#include "base/subprocess.h"
#include "base/waiting.h"
#include "kernel/deviceevents.h"
#include "kernel/storageuse.h"
#include "kernel/sysfsdir.h"
#include "processes/lifeline.h"
#include "qubes/usbguard.h"
#include "values/handshake.h"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace engine {

namespace {

using namespace std::chrono_literals;

constexpr auto resettingTime = 5s;
constexpr auto switchTime = 15s;

constexpr const char *resetService = "usb-reset-on-attach";

} // namespace

/// A device taken from its driver. Given back when this ends, or by a process left behind if we are killed.
class Exporter::Loan
{
public:
    Loan(const Paths &paths, const UsbDevice &device, const Log &log)
        : m_paths(paths)
        , m_busid(device.busid())
        , m_how(howToGiveBack(paths, device))
        , m_log(log)
        , m_db(paths)
        , m_lifeline([this] { afterOurDeath(); })
    {
    }
    Loan(const Loan &) = delete;
    Loan &operator=(const Loan &) = delete;
    ~Loan() { static_cast<void>(end()); }

    /// Once; the destructor does it otherwise.
    Result<void> end()
    {
        if (m_ended)
            return {};
        m_ended = true;
        if (m_published)
            static_cast<void>(m_db.clearConnected(m_busid));
        const auto back = giveBack(m_paths, m_busid, m_how);
        if (!back)
            m_log.failure(back.error().text);
        return back;
    }
    void publish(const QubeName &frontend)
    {
        m_published = true;
        if (const auto told = m_db.setConnected(m_busid, frontend, getpid()); !told)
            m_log.failure(told.error().text);
    }
    Lifeline &lifeline() { return m_lifeline; }

private:
    static GiveBack howToGiveBack(const Paths &paths, const UsbDevice &device)
    {
        GiveBack how;
        if (const std::string driver = device.driver(); !driver.empty() && driver != UsbipHost::driverName)
            how.driver = driver;
        how.deauthorize = isBlocked(device);
        how.park = paths.serviceEnabled(parkService);
        return how;
    }
    void afterOurDeath() const
    {
        auto locks = LockTable::open(m_paths);
        if (!locks)
            return;
        const auto lock = locks->lock(exportLock(m_busid.text()));
        if (!lock)
            return; // a new export has it and takes it from here
        static_cast<void>(m_db.clearConnected(m_busid));
        const auto back = giveBack(m_paths, m_busid, m_how);
        m_log.failure("the export of device " + m_busid.text() + " was killed; " +
                      (back ? "the device has been given back" : back.error().text));
    }

    Paths m_paths;
    BusId m_busid;
    GiveBack m_how;
    const Log &m_log;
    QubesDb m_db;
    bool m_published = false;
    bool m_ended = false;
    Lifeline m_lifeline; // last: its child must see all of the above
};

Exporter::Exporter(const Paths &paths, const StopSignal &stop, const Log &log)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
    , m_host(paths)
{
}

Result<UsbDevice> Exporter::find(const DeviceSpec &spec) const
{
    auto device = findDevice(m_paths, spec);
    if (!device)
        return device;
    if (device->isHub())
        return Error{Fault::Unsuitable,
                     "device " + device->busid().text() + " is a hub: attach the devices behind it one by one"};
    if (device->isImported())
        return Error{Fault::Unsuitable, "device " + device->busid().text() +
                                            " is itself attached from another qube: attach it from there"};
    return device;
}

Result<LockTable::Lock> Exporter::lock(LockTable &locks, const BusId &busid) const
{
    auto lock = locks.lock(exportLock(busid.text()), Deadline(busyTime));
    if (!lock && lock.error().fault == Fault::Busy) {
        const std::string user = frontendOf(m_paths, locks, busid);
        return Error{Fault::Busy, "device " + busid.text() + " is in use by " +
                                      (user.empty() ? "another qube" : "qube " + user) + ": detach it there first"};
    }
    return lock;
}

/// Bound to usbip-host and ready for a connection; whatever state it was in before.
Result<void> Exporter::makeAvailable(const UsbDevice &device) const
{
    if (device.driver() == UsbipHost::driverName) {
        // Parked, left by an export that was killed, or still being reset after its last connection.
        const auto status = UsbipHost::waitUntilUnused(device, Deadline(resettingTime));
        if (status == UsbipHost::Status::Available)
            return {};
        if (status == UsbipHost::Status::Used)
            return Error{Fault::Busy,
                         "device " + device.busid().text() + " is in use by another qube: detach it there first"};
        m_log.step("device " + device.busid().text() + " is in the error state: taken and bound again");
        if (const auto unbound = m_host.unbind(device); !unbound)
            return unbound;
        return m_host.bind(device);
    }
    const auto storage = StorageUse::claim(m_paths, device);
    if (!storage)
        return storage.error();
    if (const auto unbound = m_host.unbind(device); !unbound)
        return unbound;
    return m_host.bind(device);
}

/// All that must be right before the frontend gets it.
Result<void> Exporter::prepare(const UsbDevice &device) const
{
    if (const auto same = device.verifyUnchanged(); !same)
        return same;
    if (m_paths.serviceEnabled(resetService) || udevProperty(device.busid().text(), "QUBES_USB_RESET") == "1") {
        m_log.step("device " + device.busid().text() + " is reset before it is handed over");
        if (const auto reset = resetDevice(m_paths, device); !reset)
            return reset;
        if (const auto same = device.verifyUnchanged(); !same)
            return same;
    }
    if (isBlocked(device)) {
        if (const auto allowed = allow(m_paths, device); !allowed)
            return allowed;
    }
    if (device.driver() != UsbipHost::driverName || UsbipHost::status(device) != UsbipHost::Status::Available)
        return Error{Fault::Unsuitable, "device " + device.busid().text() +
                                            " did not stay available: it may have changed its mode; try again"};
    return {};
}

Result<void> Exporter::serve(const UsbDevice &device, const QubeName &frontend, UniqueFd socket,
                             const std::optional<QrexecAgent> &agent, Loan &loan) const
{
    const auto devId = device.devId();
    if (!devId)
        return devId.error();
    const auto speed = device.speed();
    if (!speed)
        return speed.error();
    if (m_stop.asked())
        return Error{Fault::Cancelled, "the export of device " + device.busid().text() + " was stopped"};
    if (agent) {
        if (const auto switched = agent->useSingleSocket(STDOUT_FILENO, Deadline(switchTime)); !switched)
            return switched;
    }
    const auto connection = Connection::watch(socket);
    if (!connection)
        return connection.error();
    // First the kernel, then the word to the frontend: what fails here is an end of file there, not half an attachment.
    if (const auto given = UsbipHost::handOver(device, std::move(socket)); !given)
        return given;
    const std::string line = Handshake{*devId, *speed}.line();
    if (send(connection->fd(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
        connection->end();
        return Error{Fault::Peer,
                     "qube " + frontend.text() + " ended the connection before it got device " + device.busid().text()};
    }
    m_log.event("device " + device.busid().text() + " (" + device.vendorAndProduct() + ") exported to " +
                frontend.text());
    loan.publish(frontend);

    for (;;) {
        std::vector<Watch> watches{{connection->fd(), POLLRDHUP}, {m_stop.fd()}, {loan.lifeline().endFd()}};
        waitForAny(watches, Deadline(1h));
        if (watches[0].ready || watches[1].ready)
            break;
        if (watches[2].ready)
            static_cast<void>(loan.lifeline().renew());
    }
    connection->end();
    return {};
}

Result<void> Exporter::run(const DeviceSpec &spec, const QubeName &frontend, UniqueFd socket,
                           const std::optional<QrexecAgent> &agent)
{
    auto locks = LockTable::open(m_paths);
    if (!locks)
        return locks.error();
    const auto found = find(spec);
    if (!found)
        return found.error();
    const auto lock = this->lock(*locks, found->busid());
    if (!lock)
        return lock.error();
    // Looked at again: while we waited for the lock the device may have been reset and become another one.
    const auto device = find(found->busid());
    if (!device)
        return device.error();
    if (device->vidPid() != found->vidPid())
        return Error{Fault::Unsuitable, "device " + device->busid().text() + " was replaced by another one: try again"};
    if (const auto loaded = m_host.load(); !loaded)
        return loaded;

    Loan loan(m_paths, *device, m_log);
    if (const auto available = makeAvailable(*device); !available)
        return available;
    if (const auto ready = prepare(*device); !ready)
        return ready;
    if (const auto served = serve(*device, frontend, std::move(socket), agent, loan); !served)
        return served;
    const auto back = loan.end();
    m_log.event("device " + device->busid().text() + " detached from " + frontend.text() +
                (device->isPresent() ? "" : ": unplugged"));
    return back;
}

std::string frontendOf(const Paths &paths, const LockTable &locks, const BusId &busid)
{
    const auto pid = locks.owner(exportLock(busid.text()));
    const auto environment =
        pid ? readFile(paths.proc + '/' + std::to_string(*pid) + "/environ") : Result<std::string>(std::string());
    const std::string wanted = std::string(1, '\0') + "QREXEC_REMOTE_DOMAIN=";
    const std::string all = std::string(1, '\0') + (environment ? *environment : "");
    const std::size_t at = all.find(wanted);
    if (at == std::string::npos)
        return {};
    const auto name =
        QubeName::parse(std::string_view(all).substr(at + wanted.size(), all.find('\0', at + 1) - at - wanted.size()));
    return name ? name->withoutStubdomain().text() : std::string();
}

} // namespace engine
