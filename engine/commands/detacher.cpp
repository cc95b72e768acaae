// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/detacher.h"

#include "base/subprocess.h"
#include "base/waiting.h"
#include "kernel/sysfsdir.h"
#include "kernel/usbdevice.h"
#include "kernel/usbiphost.h"
#include "kernel/vhci.h"
#include "processes/importer.h"
#include "qubes/qubesdb.h"
#include "values/untrusted.h"

#include <algorithm>
#include <csignal>
#include <sstream>
#include <sys/syscall.h>
#include <unistd.h>

namespace engine {

namespace {

using namespace std::chrono_literals;

constexpr auto endTime = 20s;   ///< for an import or export to end in order
constexpr auto returnTime = 5s; ///< for the backend to take the device back
constexpr auto goneTime = 10s;

void terminate(const UniqueFd &process)
{
    // glibc 2.36 and newer have a wrapper; the call itself is in all kernels that Qubes has.
    syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0);
}

bool waitForEnd(const UniqueFd &process, Deadline deadline)
{
    std::vector<Watch> watches{{process.get()}};
    return waitForAny(watches, deadline);
}

/// Parent of a process: of an import, the qrexec-client-vm that serves its connection.
UniqueFd parentOf(const Paths &paths, pid_t pid)
{
    const auto status = readFile(paths.proc + '/' + std::to_string(pid) + "/status");
    std::istringstream lines(status ? *status : "");
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("PPid:"))
            continue;
        const auto parent = parseNumber(cleanText(line.substr(5), 20), 0x7fffffff);
        return parent && *parent > 1
                   ? UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(*parent), 0)))
                   : UniqueFd();
    }
    return {};
}

} // namespace

Detacher::Detacher(const Paths &paths, LockTable &locks, const Log &log)
    : m_paths(paths)
    , m_locks(locks)
    , m_log(log)
{
}

Result<Detacher::Outcome> Detacher::detachImport(const ImportKey &key) const
{
    const std::string lock = importLock(key.backend.text(), key.device.text());
    const UniqueFd import = m_locks.ownerProcess(lock);
    if (!import)
        return endOrphanedImport(key);
    const auto pid = m_locks.owner(lock);
    const UniqueFd client = pid ? parentOf(m_paths, *pid) : UniqueFd();
    terminate(import);
    if (!waitForEnd(import, Deadline(endTime)))
        return Error{Fault::Timeout, "its import does not end; see the log of this qube"};
    // It ends with the service in the backend, so the device is back with its driver there and free for others. A
    // backend that hangs is no reason to say that the device is still here.
    if (client)
        waitForEnd(client, Deadline(returnTime));
    return Outcome::Detached;
}

/// An import that was killed, or one of another program that wrote a state file.
Result<Detacher::Outcome> Detacher::endOrphanedImport(const ImportKey &key) const
{
    const auto state = ImportState::load(m_paths, key);
    if (!state) {
        if (state.error().number == ENOENT)
            return Outcome::WasNot;
        return state.error();
    }
    const Vhci vhci(m_paths);
    const auto port = vhci.port(state->port);
    // A port number alone may be somebody else's by now. A state file of an old import has nothing else.
    const bool isOurs = port && port->state != VhciPort::State::Free &&
                        (state->devId == 0 || (state->devId == port->devId && state->localBusid == port->localBusid));
    if (isOurs) {
        if (const auto detached = vhci.detach(state->port); !detached)
            return detached.error();
        if (!waitUntilGone(m_paths, port->localBusid, Deadline(goneTime)))
            return Error{Fault::Timeout,
                         "its device " + port->localBusid + " does not go away; see the kernel's log of this qube"};
    }
    ImportState::remove(m_paths, key);
    m_log.event(key.text() + " detached (its import had ended before)");
    return isOurs ? Outcome::Detached : Outcome::WasNot;
}

Result<Detacher::Outcome> Detacher::detachExport(const DeviceSpec &spec) const
{
    if (const BusId *busid = spec.busid())
        return endExport(*busid);
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
    return endExport(exported.front());
}

Result<Detacher::Outcome> Detacher::endExport(const BusId &busid) const
{
    if (const UniqueFd process = m_locks.ownerProcess(exportLock(busid.text()))) {
        terminate(process);
        if (!waitForEnd(process, Deadline(endTime)))
            return Error{Fault::Timeout, "its export does not end; see the log of this qube"};
        return Outcome::Detached;
    }
    const auto device = UsbDevice::open(m_paths, busid);
    if (!device || device->driver() != UsbipHost::driverName)
        return Outcome::WasNot;
    const auto lock = m_locks.lock(exportLock(busid.text()), Deadline(endTime));
    if (!lock)
        return lock.error();
    // No process of ours has it: an export by another program, or one that was killed with its lifeline.
    GiveBack how;
    how.park = m_paths.serviceEnabled(parkService);
    const auto status = UsbipHost::status(*device);
    if (how.park && status == UsbipHost::Status::Available)
        return Outcome::WasNot;
    if (status == UsbipHost::Status::Used) {
        // The last resort: nobody is left who could shut down the socket.
        if (const auto ended = device->dir().write("usbip_sockfd", "-1"); !ended)
            return ended.error();
    }
    static_cast<void>(QubesDb(m_paths).clearConnected(busid));
    if (const auto back = giveBack(m_paths, busid, how); !back)
        return back.error();
    m_log.event("device " + busid.text() + " given back (its export had ended before)");
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
    const Deadline deadline(limit);
    std::string reasons;
    const auto note = [&](const std::string &what, const Result<Outcome> &outcome) {
        if (!outcome)
            reasons += (reasons.empty() ? "" : "; ") + what + ": " + outcome.error().text;
    };
    // All are told first, so that their ends overlap; then each is waited for.
    const auto imports = ImportState::list(m_paths);
    for (const ImportKey &key : imports) {
        if (const UniqueFd process = m_locks.ownerProcess(importLock(key.backend.text(), key.device.text())))
            terminate(process);
    }
    std::vector<BusId> exports;
    for (const UsbDevice &device : listDevices(m_paths)) {
        const UniqueFd process = m_locks.ownerProcess(exportLock(device.busid().text()));
        if (process)
            terminate(process);
        if (process || device.driver() == UsbipHost::driverName)
            exports.push_back(device.busid());
    }
    for (const ImportKey &key : imports)
        note(key.text(), detachImport(key));
    for (const BusId &busid : exports)
        note(busid.text(), endExport(busid));
    // What nobody claims: connections of other programs.
    if (const auto ports = Vhci(m_paths).ports()) {
        for (const VhciPort &port : *ports) {
            if (port.state != VhciPort::State::Free)
                static_cast<void>(Vhci(m_paths).detach(port.number));
        }
    }
    auto left = remaining();
    while (!left.empty() && !deadline.passed()) {
        poll(nullptr, 0, 20);
        left = remaining();
    }
    if (left.empty() && reasons.empty())
        return {};
    std::string names;
    for (const std::string &name : left)
        names += (names.empty() ? "" : ", ") + name;
    return Error{Fault::System,
                 left.empty() ? reasons : "still attached: " + names + (reasons.empty() ? "" : " (" + reasons + ")")};
}

} // namespace engine
