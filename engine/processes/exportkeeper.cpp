// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/exportkeeper.h"

#include "base/waiting.h"
#include "kernel/connection.h"
#include "kernel/inuse.h"
#include "kernel/udevproperty.h"
#include "processes/hold.h"
#include "processes/keeper.h"
#include "processes/loan.h"
#include "processes/settle.h"
#include "processes/timelimits.h"
#include "qubes/qubesdb.h"
#include "qubes/services.h"
#include "qubes/usbguard.h"

#include <csignal>
#include <malloc.h>
#include <unistd.h>

namespace engine {

ExportKeeper::ExportKeeper(const Paths &paths, const StopSignal &stop, const Log &log, const Channel &relay)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
    , m_relay(relay)
    , m_host(paths)
{
}

Result<UsbDevice> ExportKeeper::find(const DeviceSpec &spec) const
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

/// Cancelled if nobody wants the device any more.
Result<void> ExportKeeper::goOn(const BusId &busid) const
{
    if (m_stop.asked() || isWithdrawn(m_relay))
        return Error{Fault::Cancelled, "the export of device " + busid.text() + " was stopped"};
    return {};
}

Result<LockTable::Lock> ExportKeeper::lock(LockTable &locks, const BusId &busid) const
{
    const std::string name = exportLock(busid.text());
    const Deadline busy = within(busyTime);
    const Deadline givingBack = within(givingBackTime);
    auto lock = locks.lock(name);
    while (!lock && lock.error().fault == Fault::Busy) {
        if (const auto on = goOn(busid); !on)
            return on.error();
        const auto lease = Leases(m_paths).find(busid);
        // A peer that was killed wakes nobody: qrexec's process there looks at its connection every ten seconds, and
        // when it is poked. SIGCHLD makes it look for ended children, and does nothing to any other process.
        if (lease && lease->agent > 1)
            kill(lease->agent, SIGCHLD);
        const auto device = UsbDevice::open(m_paths, busid);
        const bool isUsed = !device || UsbipHost::status(*device) == UsbipHost::Status::Used;
        if (busy.passed() && (isUsed || givingBack.passed())) {
            return Error{Fault::Busy, "device " + busid.text() + " is in use by " +
                                          (lease ? "qube " + lease->frontend.text() : "another qube") +
                                          ": detach it there first"};
        }
        lock = locks.lock(name, givingBack.within(std::chrono::milliseconds(500)));
    }
    return lock;
}

/// Bound to usbip-host and ready for a connection, whatever state it was in before. The lease is there before the first
/// change.
Result<void> ExportKeeper::take(const UsbDevice &device, Loan<ExportLease> &loan) const
{
    const BusId &busid = device.busid();
    if (device.driver() == UsbipHost::driverName) {
        // Parked, bound by another program, or still being reset after its last connection.
        const auto status = UsbipHost::waitUntilUnused(device, within(resetTime));
        if (const auto on = goOn(busid); !on)
            return on;
        if (status == UsbipHost::Status::Used)
            return Error{Fault::Busy, "device " + busid.text() + " is in use by another qube: detach it there first"};
        if (const auto begun = loan.save(); !begun || status == UsbipHost::Status::Available)
            return begun;
        m_log.step("device " + busid.text() + " is in the error state: taken and bound again");
        if (const auto unbound = m_host.unbind(device, Deadline(kernelTime)); !unbound)
            return unbound;
        return m_host.bind(device, Deadline(kernelTime));
    }
    const auto storage = StorageUse::claim(m_paths, device, within(kernelTime));
    if (!storage)
        return storage.error();
    if (!m_paths.serviceEnabled(takeInUseService)) {
        if (const auto network = checkNetworkUse(m_paths, device); !network)
            return network;
    }
    for (const std::string &user : usersOf(m_paths, device))
        m_log.event("device " + busid.text() + " is taken from " + user);
    if (const auto on = goOn(busid); !on)
        return on;
    if (const auto begun = loan.save(); !begun)
        return begun;
    if (const auto unbound = m_host.unbind(device, Deadline(kernelTime)); !unbound)
        return unbound;
    return m_host.bind(device, Deadline(kernelTime));
}

/// All that must be right before the frontend gets it.
Result<void> ExportKeeper::prepare(const UsbDevice &device) const
{
    if (const auto same = device.verifyUnchanged(); !same)
        return same;
    if (m_paths.serviceEnabled(resetService) || udevProperty(device.busid().text(), "QUBES_USB_RESET") == "1") {
        m_log.step("device " + device.busid().text() + " is reset before it is handed over");
        if (const auto reset = device.reset(m_paths, within(kernelTime)); !reset)
            return reset;
        if (const auto same = device.verifyUnchanged(); !same)
            return same;
    }
    if (device.isBlocked()) {
        if (const auto allowed = allow(m_paths, device, within(guardTime)); !allowed)
            return allowed;
    }
    if (device.driver() != UsbipHost::driverName || UsbipHost::status(device) != UsbipHost::Status::Available)
        return Error{Fault::Unsuitable, "device " + device.busid().text() +
                                            " did not stay available: it may have changed its mode; try again"};
    return goOn(device.busid());
}

Result<void> ExportKeeper::serve(const UsbDevice &device, const QubeName &frontend) const
{
    const auto devId = device.devId();
    if (!devId)
        return devId.error();
    const auto speed = device.speed();
    if (!speed)
        return speed.error();
    if (const auto told = m_relay.send({Message::Kind::Ready, {}, *devId, speed->text()}); !told)
        return told;
    auto connected = nextFromRelay(m_relay, Message::Kind::Socket, within(switchTime + sendTime));
    if (!connected)
        return connected.error();
    const auto connection = Connection::watch(connected->descriptor);
    if (!connection)
        return connection.error();
    // First the kernel, then the word to the frontend: what fails here is an end of file there, not half an attachment.
    auto served = UsbipHost::handOver(device, std::move(connected->descriptor));
    if (served)
        served = m_relay.send({Message::Kind::Given, {}, 0, ""});
    if (served) {
        if (const auto told = nextFromRelay(m_relay, Message::Kind::Told, within(2 * sendTime)); !told)
            served = told.error();
    }
    if (served) {
        m_log.event("device " + device.busid().text() + " (" + device.vendorAndProduct() + ") exported to " +
                    frontend.text());
        if (const auto told = QubesDb(m_paths).setConnected(device.busid(), frontend, getpid()); !told)
            m_log.failure(told.error().text);
        malloc_trim(0); // it stays for hours, and needs nothing of what it needed so far
        std::vector<Watch> watches{{connection->fd(), POLLRDHUP}, {m_stop.fd()}, {m_relay.fd()}};
        while (!waitForAny(watches, Deadline(std::chrono::hours(1)))) {
        }
    }
    return served;
}

Result<void> ExportKeeper::run(const DeviceSpec &spec, const QubeName &frontend, pid_t agent)
{
    auto locks = LockTable::open(m_paths);
    if (!locks)
        return locks.error();
    static_cast<void>(settleAbandoned(m_paths, *locks, m_log, within(settleTime))); // it has said what there is to say
    const auto found = find(spec);
    if (!found)
        return found.error();
    const auto lock = this->lock(*locks, found->busid());
    if (!lock)
        return lock.error();
    if (const auto settled = settleBefore(m_paths, found->busid(), within(lastResetTime)); !settled)
        return settled;
    if (const auto held = Hold(m_paths).check(); !held)
        return held;
    // Looked at again: while we waited for the lock the device may have been reset and become another one.
    const auto device = find(found->busid());
    if (!device)
        return device.error();
    if (device->vidPid() != found->vidPid())
        return Error{Fault::Unsuitable, "device " + device->busid().text() + " was replaced by another one: try again"};
    if (const auto loaded = m_host.load(within(moduleTime)); !loaded)
        return loaded;

    // What cannot be read must not be taken for "allowed".
    const auto authorized = device->dir().read("authorized");
    if (!authorized)
        return authorized.error();
    const std::string driver = device->driver();
    Loan<ExportLease> loan(m_paths, m_log, "device " + device->busid().text(),
                           {device->busid(), frontend, device->idsAndSerial(),
                            driver.empty() || driver == UsbipHost::driverName ? "usb" : driver, *authorized == "0",
                            m_paths.serviceEnabled(parkService), agent});
    auto served = take(*device, loan);
    if (served)
        served = prepare(*device);
    if (served)
        served = serve(*device, frontend);
    if (!served) {
        sayWhy(m_relay, served.error());
        return served;
    }
    const auto back = loan.end();
    m_log.event("device " + device->busid().text() + " detached from " + frontend.text() +
                (device->isPresent() ? "" : ": unplugged"));
    return back;
}

} // namespace engine
