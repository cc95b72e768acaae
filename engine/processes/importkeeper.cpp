// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/importkeeper.h"

#include "base/waiting.h"
#include "kernel/usbdevice.h"
#include "processes/hold.h"
#include "processes/keeper.h"
#include "processes/loan.h"
#include "processes/settle.h"
#include "processes/timelimits.h"
#include "qubes/statefile.h"

#include <malloc.h>

namespace engine {

namespace {

constexpr auto lookInterval = 200ms; // for what the kernel sends no event

} // namespace

ImportKeeper::ImportKeeper(const Paths &paths, const StopSignal &stop, const Log &log, const Channel &relay,
                           OpenUevents openUevents)
    : m_paths(paths)
    , m_stop(stop)
    , m_log(log)
    , m_relay(relay)
    , m_openUevents(std::move(openUevents))
    , m_vhci(paths)
{
}

Result<void> ImportKeeper::checkPort(const VhciPort &port, std::uint32_t devId) const
{
    const auto now = m_vhci.look(port);
    if (!now)
        return now.error();
    if (now->state == VhciPort::State::Free)
        return Error{Fault::Peer, "the connection ended while the device was being attached"};
    if (now->state == VhciPort::State::Used && now->devId != devId)
        return Error{Fault::System, "another device came on virtual port " + std::to_string(port.number)};
    return {};
}

/// An error if the connection has ended or nobody wants the device any more.
Result<void> ImportKeeper::goOn(const Connection &connection) const
{
    if (connection.ended())
        return Error{Fault::Peer,
                     "the connection ended while the device was being attached: it may have been unplugged"};
    if (m_stop.asked() || isWithdrawn(m_relay))
        return Error{Fault::Cancelled, "the request was withdrawn"};
    return {};
}

/// Until the kernel has enumerated the device and probed its interfaces. Its own word counts, not udevd's, which may
/// hang.
Result<void> ImportKeeper::waitUntilBound(const VhciPort &port, std::uint32_t devId, const Connection &connection,
                                          const Uevents &events, Deadline deadline) const
{
    for (;;) {
        std::vector<Watch> watches{{events.fd()}, {connection.fd(), POLLRDHUP}, {m_relay.fd()}};
        waitForAny(watches, deadline.within(lookInterval));
        while (const auto event = events.next()) {
            if (event->busid == port.localBusid && event->action == "bind")
                return checkPort(port, devId);
        }
        if (const auto on = goOn(connection); !on)
            return on;
        if (const auto sound = checkPort(port, devId); !sound)
            return sound;
        if (deadline.passed())
            return Error{Fault::Timeout, "the device does not answer the kernel; unplug it and plug it in again"};
    }
}

/// A device that this qube does not allow is bound, but not configured, and has no interfaces. usbguard decides a
/// moment after the device has come.
Result<void> ImportKeeper::waitUntilAllowed(const VhciPort &port, const Connection &connection, const Uevents &events,
                                            Deadline deadline) const
{
    for (;;) {
        const auto busid = BusId::parse(port.localBusid);
        const auto device = busid ? UsbDevice::open(m_paths, *busid)
                                  : Result<UsbDevice>(Error{Fault::System, "no name for the device"});
        if (!device)
            return Error{Fault::Peer, "the device went away while it was being attached"};
        const bool isConfigured = !device->dir().find("bConfigurationValue").value_or("").empty();
        if (!device->isBlocked() && isConfigured)
            return {};
        if (const auto on = goOn(connection); !on)
            return on;
        if (deadline.passed() && device->isBlocked())
            return Error{Fault::Blocked, "this qube does not allow USB device " + device->vendorAndProduct() +
                                             " (usbguard, or authorized_default=0): allow it there, then attach it "
                                             "again"};
        if (deadline.passed())
            return Error{Fault::System,
                         "the kernel of this qube cannot configure the device; unplug it and plug it in again"};
        std::vector<Watch> watches{{events.fd()}, {connection.fd(), POLLRDHUP}, {m_relay.fd()}};
        waitForAny(watches, deadline.within(lookInterval));
        while (events.next()) {
        }
    }
}

Result<void> ImportKeeper::serve(const ImportKey &key, LockTable &locks, Channel::Received connected,
                                 Loan<ImportLease> &loan, std::chrono::milliseconds usable) const
{
    const std::uint32_t devId = connected.message.devId;
    const auto speed = Speed::parse(connected.message.text);
    if (!speed)
        return Error{Fault::System, "the device has no valid speed"};
    const auto events = m_openUevents();
    if (!events)
        return events.error();
    const auto connection = Connection::watch(connected.descriptor);
    if (!connection)
        return connection.error();
    const auto port = m_vhci.attach(locks, devId, *speed, std::move(connected.descriptor), within(portTime),
                                    [&](const VhciPort &chosen) {
                                        loan.lease().port = chosen.number;
                                        loan.lease().localBusid = chosen.localBusid;
                                        loan.lease().devId = devId;
                                        return loan.save();
                                    });
    Result<void> served = port ? Result<void>() : port.error();
    if (!port)
        loan.drop(); // the port that it names is another program's
    if (served) {
        m_log.step(key.text() + " is on virtual port " + std::to_string(port->number) + ", expected as " +
                   port->localBusid);
        served = StateFile(m_paths, key).write(port->number, port->localBusid);
    }
    const Deadline deadline = within(usable);
    if (served)
        served = waitUntilBound(*port, devId, *connection, *events, deadline);
    if (served)
        served = waitUntilAllowed(*port, *connection, *events, deadline.within(allowedTime));
    if (served)
        served = m_relay.send({Message::Kind::Usable, {}, 0, port->localBusid});
    if (served) {
        if (const auto told = nextFromRelay(m_relay, Message::Kind::Told, within(sendTime)); !told)
            served = told.error();
    }
    if (served) {
        m_log.event(key.text() + " attached as " + port->localBusid);
        malloc_trim(0); // it stays for hours, and needs nothing of what it needed so far
        std::vector<Watch> watches{{connection->fd(), POLLRDHUP}, {m_stop.fd()}, {m_relay.fd()}};
        while (!waitForAny(watches, Deadline(std::chrono::hours(1)))) {
        }
    }
    return served;
}

Result<void> ImportKeeper::run(const ImportKey &key, std::chrono::milliseconds usable)
{
    auto locks = LockTable::open(m_paths);
    if (!locks)
        return locks.error();
    static_cast<void>(settleAbandoned(m_paths, *locks, m_log, within(settleTime))); // it has said what there is to say
    // What settles an import that was killed holds it for a moment, if nothing hangs.
    const auto lock = locks->lock(importLock(key.backend.text(), key.device.text()), within(busyTime));
    if (!lock)
        return Error{Fault::Busy, "it is attached to this qube already, or about to be"};
    if (const auto settled = settleBefore(m_paths, key, within(goneTime)); !settled)
        return settled;
    if (const auto held = Hold(m_paths).check(); !held)
        return held;
    if (const auto loaded = m_vhci.load(within(moduleTime)); !loaded)
        return loaded;
    if (const auto told = m_relay.send({Message::Kind::Ready, {}, 0, ""}); !told)
        return told;
    auto connected = nextFromRelay(m_relay, Message::Kind::Socket, within(std::chrono::hours(1)));
    if (!connected)
        return connected.error();
    // A hold may have begun while the backend was at work; who set it has told us to stop then.
    Loan<ImportLease> loan(m_paths, m_log, key.text(), {key, 0, {}, 0});
    const auto served = serve(key, *locks, std::move(*connected), loan, usable);
    if (!served)
        sayWhy(m_relay, served.error());
    const auto settled = loan.end();
    if (served)
        m_log.event(key.text() + " detached" + (settled ? "" : ", but " + settled.error().text));
    return served;
}

} // namespace engine
