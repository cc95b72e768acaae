// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vhci.h"

#include "kernel/kernelmodule.h"
#include "kernel/sysfsdir.h"
#include "kernel/usbdevice.h"
#include "values/split.h"
#include "values/untrusted.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <poll.h>
#include <span>

namespace engine {

namespace {

std::optional<std::uint32_t> hexNumber(std::string_view text)
{
    std::uint32_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return end.ec == std::errc() && end.ptr == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Error oddStatus(std::string_view line)
{
    return {Fault::System, "the kernel's list of virtual ports has an unknown format ('" + cleanText(line, 60) + "')"};
}

std::string statusName(unsigned controller)
{
    return controller == 0 ? "status" : "status." + std::to_string(controller);
}

} // namespace

Result<std::vector<VhciPort>> parseVhciStatus(std::string_view text)
{
    std::vector<VhciPort> ports;
    const auto lines = linesOf(text);
    if (lines.empty() || !lines.front().starts_with("hub"))
        return oddStatus(lines.empty() ? "" : lines.front());
    for (const std::string &line : std::span(lines).subspan(1)) {
        // hub port sta spd dev sockfd local_busid
        const auto words = wordsOf(line);
        if (words.size() < 7)
            continue;
        const std::string &hub = words[0];
        const std::string &number = words[1];
        const std::string &state = words[2];
        const std::string &devId = words[4];
        const std::string &busid = words[6];
        const auto portNumber = parsePaddedNumber(number, 65535);
        const auto portState = parsePaddedNumber(state, 7);
        const auto portDevId = hexNumber(devId);
        if ((hub != "hs" && hub != "ss") || !portNumber || !portState || *portState < 4 || !portDevId)
            continue;
        ports.push_back({static_cast<unsigned>(*portNumber), 0, hub == "ss", static_cast<VhciPort::State>(*portState),
                         *portDevId, busid == "0-0" || !BusId::parse(busid) ? std::string() : busid});
    }
    return ports;
}

Vhci::Vhci(const Paths &paths)
    : m_paths(paths)
{
}

Result<void> Vhci::load(Deadline deadline) const
{
    if (const auto loaded = loadModule(m_paths, "vhci_hcd", m_paths.vhci() + "/attach", deadline); !loaded)
        return loaded;
    if (rootHub(0, false).empty() || rootHub(0, true).empty())
        return Error{Fault::Missing,
                     "the virtual USB controller (vhci_hcd) did not start completely; see the kernel's log"};
    return {};
}

/// Bus number of the root hub of a controller, empty if it is not there.
std::string Vhci::rootHub(unsigned controller, bool isSuper) const
{
    const std::string folder = m_paths.sys + "/devices/platform/vhci_hcd." + std::to_string(controller);
    for (const std::string &name : listFolder(folder)) {
        if (!name.starts_with("usb") || !parseNumber(name.substr(3), 65535))
            continue;
        const auto hub = SysfsDir::open(folder + '/' + name);
        const auto speed = hub ? Speed::parse(hub->find("speed").value_or("")) : std::nullopt;
        if (speed && speed->isSuper() == isSuper)
            return name.substr(3);
    }
    return {};
}

std::vector<std::string> Vhci::rootHubs() const
{
    std::vector<std::string> hubs;
    for (unsigned controller = 0;; ++controller) {
        const std::string folder = m_paths.sys + "/devices/platform/vhci_hcd." + std::to_string(controller);
        if (access(folder.c_str(), F_OK) != 0)
            return hubs;
        for (const std::string &name : listFolder(folder)) {
            if (name.starts_with("usb"))
                hubs.push_back(name);
        }
    }
}

Result<std::vector<VhciPort>> Vhci::portsOf(const SysfsDir &dir, unsigned controller) const
{
    const auto text = dir.read(statusName(controller));
    if (!text)
        return text.error();
    const auto ports = parseVhciStatus(*text);
    if (!ports)
        return ports.error();
    // A port's device is child <index of the port in its hub> + 1 of the hub: known before the device is there. A
    // controller has as many ports on one hub as on the other, and its numbers are in a row (vhci.h).
    const std::string hubs[] = {rootHub(controller, false), rootHub(controller, true)};
    const auto half = static_cast<unsigned>(std::ranges::count(*text, '\n')) / 2;
    std::vector<VhciPort> all;
    for (VhciPort port : *ports) {
        const std::string &hub = hubs[port.isSuper ? 1 : 0];
        if (hub.empty() || half == 0)
            continue; // a controller that has not come up completely: not to be used
        const std::string expected = hub + '-' + std::to_string(port.number % half + 1);
        // One that is somewhere else than its number says is left alone.
        if (!port.localBusid.empty() && port.localBusid != expected)
            continue;
        port.localBusid = expected;
        port.controller = controller;
        all.push_back(port);
    }
    return all;
}

Result<std::vector<VhciPort>> Vhci::ports() const
{
    const auto dir = SysfsDir::open(m_paths.vhci());
    if (!dir)
        return Error{Fault::Missing, "there is no virtual USB controller (vhci_hcd)", dir.error().number};
    std::vector<VhciPort> all;
    std::optional<Error> odd;
    for (unsigned controller = 0; dir->has(statusName(controller)); ++controller) {
        const auto ports = portsOf(*dir, controller);
        if (ports)
            all.insert(all.end(), ports->begin(), ports->end());
        else if (ports.error().number != 0)
            return ports; // it could not be read, which says nothing of its ports
        else
            odd = ports.error();
    }
    if (all.empty() && odd)
        return *odd;
    return all;
}

Result<VhciPort> Vhci::port(unsigned number) const
{
    const auto dir = SysfsDir::open(m_paths.vhci());
    if (!dir)
        return dir.error();
    // Most are on the first controller, and each costs a dozen calls.
    for (unsigned controller = 0; dir->has(statusName(controller)); ++controller) {
        const auto found = portOf(*dir, controller, number);
        if (found || found.error().number != 0)
            return found;
    }
    return Error{Fault::System, "there is no virtual port " + std::to_string(number)};
}

Result<VhciPort> Vhci::look(const VhciPort &port) const
{
    const auto dir = SysfsDir::open(m_paths.vhci());
    return dir ? portOf(*dir, port.controller, port.number) : Result<VhciPort>(dir.error());
}

Result<VhciPort> Vhci::portOf(const SysfsDir &dir, unsigned controller, unsigned number) const
{
    const auto all = portsOf(dir, controller);
    if (!all)
        return all.error();
    const auto found = std::ranges::find(*all, number, &VhciPort::number);
    if (found == all->end())
        return Error{Fault::System, "virtual port " + std::to_string(number) + " has another device"};
    return *found;
}

bool Vhci::isFree(const VhciPort &port, bool isSuper) const
{
    // A port is reported as free a little before its old device has gone. Used again then, the new device's enumeration
    // meets requests of the old one and stalls for 5 to 27 s.
    return port.isSuper == isSuper && port.state == VhciPort::State::Free &&
           access((m_paths.usbDevices() + '/' + port.localBusid).c_str(), F_OK) != 0;
}

Result<void> Vhci::tryAttach(const VhciPort &port, std::uint32_t devId, unsigned speedCode, int socket) const
{
    const auto dir = SysfsDir::open(m_paths.vhci());
    if (!dir)
        return dir.error();
    const auto command = [&](unsigned code) {
        return std::to_string(port.number) + ' ' + std::to_string(socket) + ' ' + std::to_string(devId) + ' ' +
               std::to_string(code);
    };
    for (int tries = 0;; ++tries) {
        auto written = dir->write("attach", command(speedCode));
        if (!written && written.error().number == EINVAL && speedCode == 6) // SuperSpeedPlus: known from 6.12 on
            written = dir->write("attach", command(5));
        if (written || written.error().number != EAGAIN || tries == 3) // EAGAIN: controller still being probed
            return written;
        poll(nullptr, 0, 100);
    }
}

/// Frees the ports whose last connection the kernel could not end in order: only "detach" does.
void Vhci::clearErrors(const std::vector<VhciPort> &ports, Deadline deadline) const
{
    for (const VhciPort &port : ports) {
        if (port.state != VhciPort::State::Error || !detach(port.number))
            continue;
        for (auto now = look(port); now && now->state == VhciPort::State::Error && !deadline.passed(); now = look(port))
            deadline.sleep(std::chrono::milliseconds(10));
    }
}

Result<VhciPort> Vhci::attach(LockTable &locks, std::uint32_t devId, const Speed &speed, UniqueFd socket,
                              Deadline deadline, const std::function<Result<void>(const VhciPort &)> &before) const
{
    const auto lock = locks.lock(portsLock, deadline);
    if (!lock)
        return lock.error();
    std::size_t tries = 1;
    for (std::size_t n = 0; n < tries; ++n) {
        auto all = ports();
        if (!all)
            return all.error();
        const auto isUsable = [&](const VhciPort &port) { return isFree(port, speed.isSuper()); };
        if (std::ranges::any_of(*all, [](const VhciPort &port) { return port.state == VhciPort::State::Error; })) {
            clearErrors(*all, deadline);
            all = ports();
            if (!all)
                return all.error();
        }
        tries = all->size();
        // From the one after the last used: it rests longest, and its last device has surely gone.
        std::vector<VhciPort> candidates;
        std::ranges::copy_if(*all, std::back_inserter(candidates), isUsable);
        if (candidates.empty())
            break;
        const unsigned last = locks.lastPort();
        const auto next = std::ranges::find_if(candidates, [&](const VhciPort &port) { return port.number > last; });
        const VhciPort &chosen = next != candidates.end() ? *next : candidates.front();
        if (const auto agreed = before(chosen); !agreed)
            return agreed.error();
        const auto attached = tryAttach(chosen, devId, speed.code(), socket.get());
        if (attached) {
            locks.setLastPort(chosen.number);
            return chosen;
        }
        // Somebody who does not know our lock was faster: look again.
        if (attached.error().number != EBUSY)
            return attached.error();
    }
    return Error{Fault::Busy, std::string("all virtual ports for ") + (speed.isSuper() ? "SuperSpeed" : "USB 2") +
                                  " devices are in use: detach a device first"};
}

Result<void> Vhci::detach(unsigned number) const
{
    const auto dir = SysfsDir::open(m_paths.vhci());
    if (!dir)
        return dir.error();
    const auto written = dir->write("detach", std::to_string(number));
    if (!written && written.error().number == EINVAL) { // free already, or no such port
        const auto now = port(number);
        if (now && now->state == VhciPort::State::Free)
            return {};
    }
    return written;
}

} // namespace engine
