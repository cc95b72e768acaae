// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/detacher.h"

#include "base/waiting.h"
#include "kernel/sysfsdir.h"
#include "kernel/usbiphost.h"
#include "kernel/vhci.h"
#include "processes/hold.h"
#include "processes/lease.h"
#include "processes/settle.h"
#include "qubes/qubesdb.h"
#include "qubes/services.h"
#include "qubes/statefile.h"
#include "values/split.h"
#include "values/untrusted.h"

#include <algorithm>
#include <csignal>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace engine {

namespace {

void terminate(const UniqueFd &process)
{
    // glibc 2.36 and newer have a wrapper; the call itself is in all kernels that Qubes has.
    syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0);
}

UniqueFd processOf(pid_t pid)
{
    return pid > 1 ? UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) : UniqueFd();
}

pid_t parentOf(const Paths &paths, pid_t pid)
{
    const auto status = readFile(paths.proc + '/' + std::to_string(pid) + "/status");
    for (const std::string &line : linesOf(status ? *status : "")) {
        if (line.starts_with("PPid:"))
            return static_cast<pid_t>(parseNumber(cleanText(line.substr(5), 20), 0x7fffffff).value_or(0));
    }
    return 0;
}

/// The qrexec-client-vm that serves the connection of a keeper: the parent of its relay.
UniqueFd clientOf(const Paths &paths, pid_t keeper)
{
    const pid_t relay = parentOf(paths, keeper);
    return relay > 1 ? processOf(parentOf(paths, relay)) : UniqueFd();
}

/// The qrexec-client-vm of root's that has called for a device with another program than this one, as usb-import of
/// qubes-usb-proxy. The kernel says what it was started with; the state files that such programs leave say nothing for
/// certain, as others may write where they are.
UniqueFd oldImportsClient(const Paths &paths, const ImportKey &key)
{
    const std::string service = "qubes.USB+" + key.device.text();
    for (const std::string &name : listFolder(paths.proc)) {
        const auto pid = parseNumber(name, 0x7fffffff);
        const auto line = pid ? readFile(paths.proc + '/' + name + "/cmdline") : Result<std::string>(std::string());
        if (!line || line->find(service) == std::string::npos)
            continue;
        const auto words = split(*line, '\0');
        const auto at = std::ranges::find(words, service);
        struct stat info
        {
        };
        const bool isClient = baseName(words.front()) == "qrexec-client-vm";
        if (isClient && at != words.end() && at - words.begin() >= 2 && *(at - 1) == key.backend.text() &&
            stat((paths.proc + '/' + name).c_str(), &info) == 0 && info.st_uid == geteuid())
            return processOf(static_cast<pid_t>(*pid));
    }
    return {};
}

} // namespace

Detacher::Detacher(const Paths &paths, LockTable &locks, const StopSignal &stop, const Log &log)
    : m_paths(paths)
    , m_locks(locks)
    , m_stop(stop)
    , m_log(log)
{
}

Result<void> Detacher::endProcess(const UniqueFd &process, const std::string &what, Deadline deadline) const
{
    terminate(process);
    std::vector<Watch> watches{{process.get()}};
    if (waitForAny(watches, deadline))
        return {};
    if (m_stop.asked())
        return Error{Fault::Cancelled, "the request was withdrawn"};
    return Error{Fault::Timeout, "its " + what + " does not end; see the log of this qube"};
}

Result<LockTable::Lock> Detacher::lock(const std::string &name, Deadline deadline, const Error &whenBusy) const
{
    auto lock = m_locks.lock(name, deadline);
    if (!lock && m_stop.asked())
        return Error{Fault::Cancelled, "the request was withdrawn"};
    if (!lock && lock.error().fault == Fault::Busy)
        return whenBusy;
    return lock;
}

/// Another process may be putting right what is left of it. That one does our work, so it is waited for and not told to
/// end, and while the lock is held nobody else begins: whoever has the device's lock now is its keeper.
Result<LockTable::Lock> Detacher::waitForSettling(const std::string &name, Deadline deadline) const
{
    return lock(settlingLock(name), deadline,
                {Fault::Timeout, "another process is still undoing its last connection; see the log of this qube"});
}

/// When nobody should have it any more: who takes it now attaches the device anew.
Result<LockTable::Lock> Detacher::lockOf(const std::string &name, Deadline deadline) const
{
    return lock(name, deadline,
                {Fault::Busy, "it is being attached again at this moment: wait for that, then detach it"});
}

/// After the device that was asked for, whose detach must not wait for them.
void Detacher::settleOthers() const
{
    static_cast<void>(
        settleAbandoned(m_paths, m_locks, m_log, Deadline(othersTime, m_stop.fd()))); // it says what failed
}

Result<Detacher::Outcome> Detacher::detachImport(const ImportKey &key) const
{
    auto outcome = endImport(key, Deadline(endTime, m_stop.fd()));
    if (outcome)
        settleOthers();
    return outcome;
}

Result<Detacher::Outcome> Detacher::endImport(const ImportKey &key, Deadline deadline) const
{
    const std::string name = importLock(key.backend.text(), key.device.text());
    const auto settling = waitForSettling(name, deadline);
    if (!settling)
        return settling.error();
    const Leases leases(m_paths);
    const auto before = leases.find(key);
    const auto pid = m_locks.owner(name);
    const UniqueFd keeper = m_locks.ownerProcess(name);
    if (!keeper && !before) {
        const auto lock = lockOf(name, Deadline(0ms));
        if (!lock)
            return lock.error();
        return endOldImport(key, deadline);
    }
    const UniqueFd client = keeper && pid ? clientOf(m_paths, *pid) : UniqueFd();
    if (const auto ended = keeper ? endProcess(keeper, "import", deadline) : Result<void>(); !ended)
        return ended.error();
    // The keeper has gone, maybe by itself while we looked for it; whether its device has is another question.
    if (leases.find(key)) {
        const auto lock = lockOf(name, deadline.within(returnTime));
        if (!lock)
            return lock.error();
        if (const auto settled = settleBefore(m_paths, key, deadline); !settled)
            return settled.error();
    }
    // The client ends with the service in the backend, so the device is back with its driver there and free for others.
    // A backend that hangs is no reason to say that the device is still here.
    if (client) {
        std::vector<Watch> watches{{client.get()}};
        waitForAny(watches, deadline.within(returnTime));
    }
    return Outcome::Detached;
}

Result<Detacher::Outcome> Detacher::endOldImport(const ImportKey &key, Deadline deadline) const
{
    const UniqueFd client = oldImportsClient(m_paths, key);
    if (client) {
        if (const auto ended = endProcess(client, "import", deadline); !ended)
            return ended.error();
    }
    StateFile(m_paths, key).remove();
    if (client)
        return Outcome::Detached;
    // One and the same device has two names. Which is which only the backend knows.
    std::string others;
    for (const ImportKey &other : Leases(m_paths).imports()) {
        if (other.backend == key.backend && (other.device.busid() == nullptr) != (key.device.busid() == nullptr))
            others += (others.empty() ? "" : ", ") + other.text();
    }
    if (!others.empty())
        return Error{Fault::NotFound, "nothing is attached by this name; if you mean " + others + ", say so"};
    return Outcome::WasNot;
}

Result<Detacher::Outcome> Detacher::detachExport(const DeviceSpec &spec) const
{
    auto outcome = findAndEndExport(spec, Deadline(endTime, m_stop.fd()));
    if (outcome)
        settleOthers();
    return outcome;
}

Result<Detacher::Outcome> Detacher::findAndEndExport(const DeviceSpec &spec, Deadline deadline) const
{
    if (const BusId *busid = spec.busid())
        return endExport(*busid, deadline);
    // Of several equal devices the exported one is meant.
    std::vector<BusId> exported;
    for (const UsbDevice &device : listDevices(m_paths)) {
        if (device.vidPid() == *spec.vidPid() && device.driver() == UsbipHost::driverName)
            exported.push_back(device.busid());
    }
    if (exported.empty())
        return Outcome::WasNot;
    if (exported.size() > 1)
        return Error{Fault::NotFound,
                     std::to_string(exported.size()) + " exported devices match: name the one you mean by its port"};
    return endExport(exported.front(), deadline);
}

Result<Detacher::Outcome> Detacher::endExport(const BusId &busid, Deadline deadline) const
{
    const std::string name = exportLock(busid.text());
    const auto settling = waitForSettling(name, deadline);
    if (!settling)
        return settling.error();
    if (const UniqueFd keeper = m_locks.ownerProcess(name)) {
        if (const auto ended = endProcess(keeper, "export", deadline); !ended)
            return ended.error();
        if (!Leases(m_paths).find(busid))
            return Outcome::Detached;
    }
    const auto lock = lockOf(name, deadline);
    if (!lock)
        return lock.error();
    if (Leases(m_paths).find(busid)) {
        if (const auto settled = settleBefore(m_paths, busid, deadline); !settled)
            return settled.error();
        return Outcome::Detached;
    }
    const auto device = UsbDevice::open(m_paths, busid);
    if (!device || device->driver() != UsbipHost::driverName)
        return Outcome::WasNot;
    return endForeignExport(*device, deadline);
}

/// An export by another program, of which there is no lease. It is settled as if it were ours.
Result<Detacher::Outcome> Detacher::endForeignExport(const UsbDevice &device, Deadline deadline) const
{
    const bool park = m_paths.serviceEnabled(parkService);
    if (park && UsbipHost::status(device) == UsbipHost::Status::Available)
        return Outcome::WasNot;
    const ExportLease lease{
        device.busid(), *QubeName::parse("unknown"), device.idsAndSerial(), "usb", device.isBlocked(), park, 0};
    if (const auto begun = Leases(m_paths).save(lease); !begun)
        return begun.error();
    endOrphanedConnection(device, deadline);
    if (const auto settled = settle(m_paths, lease, deadline); !settled)
        return settled.error();
    m_log.event("device " + device.busid().text() + " given back (another program had exported it)");
    return Outcome::Detached;
}

std::vector<std::string> Detacher::remaining() const
{
    std::vector<std::string> names;
    for (const UsbDevice &device : listDevices(m_paths)) {
        const bool isExported =
            device.driver() == UsbipHost::driverName && UsbipHost::status(device) == UsbipHost::Status::Used;
        if (isExported || device.isImported())
            names.push_back(device.busid().text());
    }
    if (const auto ports = Vhci(m_paths).ports()) {
        for (const VhciPort &port : *ports) {
            if (port.state != VhciPort::State::Free && std::ranges::find(names, port.localBusid) == names.end())
                names.push_back(port.localBusid);
        }
    }
    return names;
}

Result<void> Detacher::detachAll(std::chrono::milliseconds limit) const
{
    const Deadline deadline(limit, m_stop.fd());
    // First: who takes a lock from now on sees it, and who has one is seen below.
    if (const auto held = Hold(m_paths).set(holdTime); !held)
        return held;
    // All are told first, so that their ends overlap; then each is waited for.
    const auto keepers = m_locks.ownerProcesses();
    std::ranges::for_each(keepers, terminate);
    // One that hangs leaves time for the rest.
    const Deadline keepersEnd = deadline.within(limit * 2 / 3);
    for (const UniqueFd &keeper : keepers) {
        std::vector<Watch> watches{{keeper.get()}};
        waitForAny(watches, keepersEnd);
    }
    const auto abandoned = settleAbandoned(m_paths, m_locks, m_log, deadline);
    std::string reasons;
    // What is nobody's of ours: exports and connections of other programs.
    for (const UsbDevice &device : listDevices(m_paths)) {
        if (device.driver() != UsbipHost::driverName || deadline.passed())
            continue;
        // One that hangs leaves time for the next.
        const auto ended = endExport(device.busid(), deadline.within(goneTime));
        if (!ended)
            reasons += (reasons.empty() ? "" : "; ") + device.busid().text() + ": " + ended.error().text;
    }
    if (const auto ports = Vhci(m_paths).ports()) {
        for (const VhciPort &port : *ports) {
            if (port.state != VhciPort::State::Free)
                static_cast<void>(Vhci(m_paths).detach(port.number));
        }
    }
    auto left = remaining();
    while (!left.empty() && !deadline.passed()) {
        deadline.sleep(std::chrono::milliseconds(20));
        left = remaining();
    }
    // What did not go in time may have gone since.
    const auto settled = abandoned ? abandoned : settleAbandoned(m_paths, m_locks, m_log, deadline);
    if (!settled)
        reasons += (reasons.empty() ? "" : "; ") + settled.error().text;
    if (left.empty() && reasons.empty())
        return {};
    std::string names;
    for (const std::string &name : left)
        names += (names.empty() ? "" : ", ") + name;
    return Error{m_stop.asked() ? Fault::Cancelled : Fault::System,
                 left.empty() ? reasons : "still attached: " + names + (reasons.empty() ? "" : " (" + reasons + ")")};
}

Result<void> Detacher::resume() const
{
    Hold(m_paths).lift();
    return settleAbandoned(m_paths, m_locks, m_log, Deadline(settleAllTime, m_stop.fd()), settleTime);
}

} // namespace engine
