// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/overview.h"

#include "base/json.h"
#include "base/subprocess.h"
#include "kernel/inuse.h"
#include "kernel/kernelmodule.h"
#include "kernel/usbdevice.h"
#include "kernel/usbiphost.h"
#include "kernel/vhci.h"
#include "processes/lease.h"

#include <algorithm>
#include <array>

namespace engine {

namespace {

std::string importedFrom(const Paths &paths, const std::string &localBusid)
{
    const Leases leases(paths);
    for (const ImportKey &key : leases.imports()) {
        const auto lease = leases.find(key);
        if (lease && lease->localBusid == localBusid)
            return key.text();
    }
    return {};
}

DeviceRow rowOf(const Paths &paths, const UsbDevice &device)
{
    const auto speed = device.speed();
    DeviceRow row{device.busid().text(),
                  device.vendorAndProduct(),
                  speed ? speed->text() : "?",
                  device.driver(),
                  "free",
                  {},
                  device.product(),
                  {}};
    if (device.isImported()) {
        row.state = device.isBlocked() ? "blocked" : "imported";
        row.peer = importedFrom(paths, row.busid);
    } else if (device.isHub()) {
        row.state = "hub";
    } else if (row.driver == UsbipHost::driverName) {
        const auto status = UsbipHost::status(device);
        row.state = status == UsbipHost::Status::Used        ? "exported"
                    : status == UsbipHost::Status::Available ? "parked"
                                                             : "error";
        if (const auto lease = Leases(paths).find(device.busid()))
            row.peer = lease->frontend.text();
    } else if (device.isBlocked()) {
        row.state = "blocked";
    } else {
        row.users = usersOf(paths, device);
    }
    return row;
}

/// Whether what comes through the virtual ports is allowed at once (authorized_default of the root hubs).
Finding allowedFinding(const Paths &paths)
{
    const std::string what = "frontend: attached devices are allowed";
    const auto hubs = Vhci(paths).rootHubs();
    if (hubs.empty())
        return {what, true, false, "known when vhci_hcd is loaded, at the first attach"};
    for (const std::string &hub : hubs) {
        const auto dir = SysfsDir::open(paths.usbDevices() + '/' + hub);
        const auto allowed = dir ? dir->find("authorized_default") : std::nullopt;
        // 2 is "internal ports only" (enum usb_port_connect_type), which virtual ones are not.
        if (allowed == "0" || allowed == "2")
            return {what, false, false,
                    "no, authorized_default of " + hub + " is " + *allowed +
                        ": something has to allow each, such as a rule of usbguard"};
    }
    return {what, true, false, "yes"};
}

Finding moduleFinding(const Paths &paths, const std::string &role, const std::string &module,
                      const std::string &evidence)
{
    const bool ok = moduleAvailable(paths, module, evidence);
    return {role + ": kernel module " + module, ok, true,
            ok ? "available"
               : "not available: install kernel-modules-extra (Fedora), or use a kernel provided by dom0"};
}

Finding portFinding(const Paths &paths, bool isSuper)
{
    const std::string what = std::string("frontend: free virtual ports, ") + (isSuper ? "SuperSpeed" : "USB 2");
    const auto ports = Vhci(paths).ports();
    if (!ports)
        return {what, true, false, "known when vhci_hcd is loaded, at the first attach"};
    const auto total = std::ranges::count(*ports, isSuper, &VhciPort::isSuper);
    // One in the error state is cleared when it is needed.
    const auto free = std::ranges::count_if(*ports, [&](const VhciPort &port) {
        return port.isSuper == isSuper && (port.state == VhciPort::State::Free || port.state == VhciPort::State::Error);
    });
    return {what, free > 0, true,
            std::to_string(free) + " of " + std::to_string(total) + (free > 0 ? "" : ": detach a device first")};
}

Finding serviceFinding(const Paths &paths, const std::string &role, const std::string &service)
{
    for (const char *folder : {"/usr/local/etc/qubes-rpc/", "/etc/qubes-rpc/"}) {
        const std::string path = paths.root + folder + service;
        if (access(path.c_str(), X_OK) == 0)
            return {role + ": service " + service, true, true, path};
    }
    return {role + ": service " + service, false, true,
            "not in /etc/qubes-rpc: install qubes-usb-engine in the template"};
}

Finding programFinding(const Paths &paths, const std::string &role, const std::string &program, bool needed,
                       const std::string &advice)
{
    const std::string path = findProgram(program, paths.programs);
    return {role + ": program " + program, !path.empty(), needed, path.empty() ? advice : path};
}

std::string joined(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

} // namespace

std::vector<DeviceRow> deviceRows(const Paths &paths, bool withHubs)
{
    std::vector<DeviceRow> rows;
    for (const UsbDevice &device : listDevices(paths)) {
        if (withHubs || !device.isHub())
            rows.push_back(rowOf(paths, device));
    }
    return rows;
}

std::string rowsAsText(const std::vector<DeviceRow> &rows)
{
    if (rows.empty())
        return "no USB devices\n";
    std::vector<std::array<std::string, 6>> cells{{"DEVICE", "ID", "SPEED", "DRIVER", "STATE", "NAME"}};
    for (const DeviceRow &row : rows)
        cells.push_back({row.busid, row.ids, row.speed, row.driver.empty() ? "-" : row.driver,
                         row.peer.empty() ? row.state : row.state + ' ' + row.peer,
                         row.name + (row.users.empty() ? "" : " (used by " + joined(row.users) + ")")});
    std::array<std::size_t, 6> widths{};
    for (const auto &line : cells) {
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], line[i].size());
    }
    std::string text;
    for (const auto &line : cells) {
        for (std::size_t i = 0; i + 1 < line.size(); ++i)
            text += line[i] + std::string(widths[i] - line[i].size() + 2, ' ');
        text += line.back() + '\n';
    }
    return text;
}

std::string rowsAsJson(const std::vector<DeviceRow> &rows)
{
    std::vector<std::string> values;
    values.reserve(rows.size());
    for (const DeviceRow &row : rows) {
        std::string users;
        for (const std::string &user : row.users)
            users += (users.empty() ? "" : ", ") + jsonString(user);
        values.push_back(jsonObject({{"busid", jsonString(row.busid)},
                                     {"id", jsonString(row.ids)},
                                     {"speed", jsonString(row.speed)},
                                     {"driver", jsonString(row.driver)},
                                     {"state", jsonString(row.state)},
                                     {"peer", jsonString(row.peer)},
                                     {"name", jsonString(row.name)},
                                     {"users", '[' + users + ']'}}));
    }
    return jsonArray(values) + '\n';
}

std::vector<Finding> findings(const Paths &paths)
{
    return {
        {"this qube: run as root", geteuid() == 0, true, geteuid() == 0 ? "yes" : "no: attaching needs root"},
        moduleFinding(paths, "frontend", "vhci_hcd", paths.vhci() + "/attach"),
        portFinding(paths, false),
        portFinding(paths, true),
        allowedFinding(paths),
        serviceFinding(paths, "frontend", "qubes.USBAttach"),
        serviceFinding(paths, "frontend", "qubes.USBDetach"),
        programFinding(paths, "frontend", "qrexec-client-vm", true,
                       "not installed: this is not a qube, or qubes-core-qrexec is missing"),
        moduleFinding(paths, "backend", "usbip_host", paths.usbipHost() + "/match_busid"),
        serviceFinding(paths, "backend", "qubes.USB"),
        programFinding(paths, "backend", "qubesdb-write", false, "not installed: devices are not shown in dom0"),
    };
}

std::string findingsAsText(const std::vector<Finding> &findings)
{
    std::string text;
    for (const Finding &finding : findings)
        text += (finding.ok       ? "ok       "
                 : finding.needed ? "MISSING  "
                                  : "note     ") +
                finding.what + " (" + finding.detail + ")\n";
    return text + "The policy is dom0's: it has to allow qubes.USB+DEVICE from the frontend to the backend.\n";
}

std::string findingsAsJson(const std::vector<Finding> &findings)
{
    std::vector<std::string> values;
    values.reserve(findings.size());
    for (const Finding &finding : findings) {
        values.push_back(jsonObject({{"what", jsonString(finding.what)},
                                     {"ok", finding.ok ? "true" : "false"},
                                     {"needed", finding.needed ? "true" : "false"},
                                     {"detail", jsonString(finding.detail)}}));
    }
    return jsonArray(values) + '\n';
}

} // namespace engine
