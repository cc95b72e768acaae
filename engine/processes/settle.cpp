// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/settle.h"

#include "base/helper.h"
#include "kernel/usbiphost.h"
#include "kernel/vhci.h"
#include "processes/timelimits.h"
#include "qubes/qubesdb.h"
#include "qubes/statefile.h"
#include "qubes/usbguard.h"

#include <cerrno>
#include <functional>
#include <optional>

namespace engine {

namespace {

/// For a call on the device that is on its way though nobody waits for it any more. As long as there is: with a call
/// that the kernel holds, nobody but the caller is left to give the device back.
Result<void> waitForCalls(const Paths &paths, const BusId &busid, Deadline deadline)
{
    return callOrGiveUp(paths, busid.text(), "device " + busid.text(), deadline, -1, [] { return Result<void>(); });
}

/// Back to the driver it had, blocked if it was, or parked. `beforeDriver` is called right before it gets one.
Result<void> giveBack(const Paths &paths, const UsbDevice &device, const ExportLease &lease, Deadline deadline,
                      const std::function<void()> &beforeDriver)
{
    const UsbipHost host(paths);
    const std::string driver = device.driver();
    if (!driver.empty() && driver != UsbipHost::driverName) {
        // It went and came back by itself. What it was not allowed before it is not allowed now.
        const bool isFreed = lease.blocked && !device.isBlocked() && device.idsAndSerial() == lease.device;
        return isFreed ? block(paths, device, deadline.within(guardTime)) : Result<void>();
    }
    const bool isBound = driver == UsbipHost::driverName;
    const auto status =
        isBound ? UsbipHost::waitUntilUnused(device, deadline.within(lastResetTime)) : UsbipHost::Status::NotBound;
    if (status == UsbipHost::Status::Used)
        return Error{Fault::System,
                     "device " + lease.busid.text() + " is stuck: the kernel does not end its connection; unplug it"};
    // Before it has another driver: none in this qube may see it. While it is not blocked it stays where it is.
    if (lease.blocked && !device.isBlocked()) {
        if (const auto blocked = block(paths, device, deadline.within(guardTime)); !blocked)
            return blocked;
    }
    if (lease.park && status == UsbipHost::Status::Available)
        return {};
    beforeDriver();
    if (lease.park) {
        if (const auto unbound = host.unbind(device, deadline); !unbound)
            return unbound;
        return host.bind(device, deadline);
    }
    const auto bound = host.bindTo(device, lease.driver, deadline);
    // After a connection the kernel resets the device itself. Status 3 says that this failed.
    if (bound && status == UsbipHost::Status::Error)
        static_cast<void>(device.reset(paths, deadline.within(kernelTime)));
    return bound;
}

/// Whether it is not known that the thing is gone: no descriptor was left, say. That must not pass for "gone".
bool hasNoAnswer(const Error &error)
{
    return error.number != 0 && error.number != ENOENT && error.number != ENODEV;
}

} // namespace

Result<void> settle(const Paths &paths, const ExportLease &lease, Deadline deadline)
{
    if (hasCallsUnderWay()) {
        if (const auto idle = waitForCalls(paths, lease.busid, deadline); !idle)
            return idle;
    }
    // A device that has gone needs nothing, and what comes under its name later is another one.
    const auto device = UsbDevice::open(paths, lease.busid);
    if (!device && hasNoAnswer(device.error()))
        return device.error();
    // dom0 hears that it is free when it is; but not after its driver has it, as udev's programs have the processor
    // then.
    bool isCleared = false;
    const auto clear = [&] {
        isCleared = isCleared || bool(QubesDb(paths).clearConnected(lease.busid, deadline.within(databaseTime)));
    };
    if (device) {
        const auto back = giveBack(paths, *device, lease, deadline, clear);
        if (!back && device->isPresent())
            return back;
    }
    clear();
    Leases(paths).remove(lease.busid);
    return {};
}

Result<void> settle(const Paths &paths, const ImportLease &lease, Deadline deadline)
{
    const Vhci vhci(paths);
    const auto port = vhci.port(lease.port);
    if (!port && hasNoAnswer(port.error()))
        return port.error();
    const bool isThere = port && port->localBusid == lease.localBusid;
    // The port may be somebody else's by now. While its device is being enumerated it names none.
    const bool isOurs =
        isThere && (port->state == VhciPort::State::Connecting || port->state == VhciPort::State::Error ||
                    (port->state == VhciPort::State::Used && port->devId == lease.devId));
    if (isOurs) {
        // Its connection has ended: normally the kernel is at it already, and this changes nothing.
        if (const auto detached = vhci.detach(lease.port); !detached)
            return detached;
    }
    if ((isOurs || (isThere && port->state == VhciPort::State::Free)) &&
        !waitUntilGone(paths, lease.localBusid, deadline))
        return Error{Fault::Timeout,
                     "its device " + lease.localBusid + " does not go away; see the kernel's log of this qube"};
    StateFile(paths, lease.key).remove();
    Leases(paths).remove(lease.key);
    return {};
}

void endOrphanedConnection(const UsbDevice &device, Deadline deadline)
{
    // Its own end is on the way if a relay or qrexec sees to it: "-1" unlocks a mutex that it does not hold before 6.2.
    if (UsbipHost::waitUntilUnused(device, deadline.within(busyTime)) == UsbipHost::Status::Used)
        static_cast<void>(device.dir().write("usbip_sockfd", "-1"));
}

Result<void> settleBefore(const Paths &paths, const BusId &busid, Deadline deadline)
{
    const auto lease = Leases(paths).find(busid);
    if (!lease)
        return {};
    if (const auto device = UsbDevice::open(paths, busid))
        endOrphanedConnection(*device, deadline);
    const auto idle = waitForCalls(paths, busid, deadline);
    return idle ? settle(paths, *lease, deadline) : idle;
}

Result<void> settleBefore(const Paths &paths, const ImportKey &key, Deadline deadline)
{
    const auto lease = Leases(paths).find(key);
    return lease ? settle(paths, *lease, deadline) : Result<void>();
}

namespace {

/// Settles what is left under `name`, unless a living process has it. Nothing if there was nothing to do.
template <typename Key>
std::optional<Result<void>> settleIfLeft(const Paths &paths, LockTable &locks, const std::string &name, const Key &key,
                                         Deadline deadline)
{
    // Who waits for the device's own lock must see that this is no keeper.
    const auto settling = locks.lock(settlingLock(name));
    const auto lock = settling ? locks.lock(name) : Result<LockTable::Lock>(settling.error());
    if (!lock)
        return std::nullopt;
    const Leases leases(paths);
    if (leases.find(key))
        return settleBefore(paths, key, deadline);
    // It was never finished, so nothing was changed; unless it just cannot be read now.
    if (leases.isUnfinished(key))
        leases.remove(key);
    return std::nullopt;
}

} // namespace

Result<void> settleAbandoned(const Paths &paths, LockTable &locks, const Log &log, Deadline deadline,
                             std::chrono::milliseconds each)
{
    Result<void> outcome;
    const Leases leases(paths);
    const auto note = [&](const std::string &what, const std::optional<Result<void>> &settled) {
        if (!settled)
            return;
        if (*settled)
            log.event(what + " put right: the process that had it was killed");
        else
            log.failure(what + " cannot be put right: " + settled->error().text);
        if (!*settled && outcome)
            outcome = Error{settled->error().fault, what + ": " + settled->error().text, settled->error().number};
    };
    // Without time for it one would only be said to hang, and its connection be ended without the grace that it has.
    for (const BusId &busid : leases.exports()) {
        if (!deadline.passed())
            note("device " + busid.text(),
                 settleIfLeft(paths, locks, exportLock(busid.text()), busid, deadline.within(each)));
    }
    for (const ImportKey &key : leases.imports()) {
        if (!deadline.passed())
            note(key.text(), settleIfLeft(paths, locks, importLock(key.backend.text(), key.device.text()), key,
                                          deadline.within(each)));
    }
    return outcome;
}

} // namespace engine
