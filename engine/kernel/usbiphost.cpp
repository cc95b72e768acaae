// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/usbiphost.h"

#include "base/helper.h"
#include "kernel/kernelmodule.h"
#include "values/untrusted.h"

#include <cerrno>
#include <chrono>

namespace engine {

namespace {

constexpr auto pollInterval = std::chrono::milliseconds(20);

Result<void> writeTo(const std::string &folder, const std::string &attribute, const std::string &bytes)
{
    const auto dir = SysfsDir::open(folder);
    return dir ? dir->write(attribute, bytes) : Result<void>(dir.error());
}

/// For what takes a driver from a device or gives it one: both wait for the driver, and some never come back.
Result<void> writeOrGiveUp(const Paths &paths, const std::string &folder, const std::string &attribute,
                           const std::string &busid, Deadline deadline)
{
    return callOrGiveUp(paths, busid, "writing to " + folder + '/' + attribute, deadline, -1,
                        [&] { return writeTo(folder, attribute, busid); });
}

} // namespace

UsbipHost::UsbipHost(const Paths &paths)
    : m_paths(paths)
{
}

Result<void> UsbipHost::load(Deadline deadline) const
{
    return loadModule(m_paths, "usbip_host", m_paths.usbipHost() + "/match_busid", deadline);
}

Result<void> UsbipHost::bind(const UsbDevice &device, Deadline deadline) const
{
    // No line end: match_busid keeps it as part of the name. "add" of a name that is in the table changes nothing.
    const std::string &busid = device.busid().text();
    if (const auto added = writeTo(m_paths.usbipHost(), "match_busid", "add " + busid); !added) {
        if (added.error().number == ENOMEM)
            return Error{
                Fault::Missing,
                "this qube has passed on 16 different USB ports since it started, which is all its kernel can; "
                "restart it, or use a port that was used before",
                ENOMEM};
        return added.error();
    }
    for (int tries = 0;; ++tries) {
        const auto bound = writeOrGiveUp(m_paths, m_paths.usbipHost(), "bind", busid, deadline);
        if (bound)
            break;
        // Somebody probed drivers between our unbind and bind.
        if (bound.error().number == EBUSY && tries < 3 && device.driver() != driverName && !device.driver().empty()) {
            if (const auto unbound = unbind(device, deadline); !unbound)
                return unbound;
            continue;
        }
        if (bound.error().number == EINVAL || bound.error().number == EIO || bound.error().number == EPIPE)
            return Error{Fault::System,
                         "device " + busid + " does not answer this qube's kernel (" + bound.error().text +
                             "): unplug it and plug it in again",
                         bound.error().number};
        return bound;
    }
    if (device.driver() != driverName || status(device) == Status::NotBound)
        return Error{Fault::NotFound, "device " + busid + " went away while it was taken over"};
    return {};
}

Result<void> UsbipHost::unbind(const UsbDevice &device, Deadline deadline) const
{
    const std::string driver = device.driver();
    if (driver.empty())
        return {};
    return callOrGiveUp(m_paths, device.busid().text(), "taking it from driver " + driver, deadline, device.dir().fd(),
                        [&] { return takeFrom(device, driver); });
}

/// Where the kernel may hold it.
Result<void> UsbipHost::takeFrom(const UsbDevice &device, const std::string &driver) const
{
    const auto done = writeTo(m_paths.usbDrivers() + '/' + driver, "unbind", device.busid().text());
    return !done && device.driver() == driver ? done : Result<void>();
}

Result<void> UsbipHost::bindTo(const UsbDevice &device, const std::string &driver, Deadline deadline) const
{
    const std::string &busid = device.busid().text();
    const std::string before = device.driver();
    // In one process, as each takes its time to make.
    auto bound = callOrGiveUp(m_paths, busid, "giving it to driver " + driver, deadline, device.dir().fd(), [&] {
        if (const auto taken = before.empty() ? Result<void>() : takeFrom(device, before); !taken)
            return taken;
        return writeTo(m_paths.usbDrivers() + '/' + driver, "bind", busid);
    });
    if (!bound && !before.empty() && device.driver() == before)
        return bound;
    if (device.driver().empty() && device.isPresent() && (bound || bound.error().fault != Fault::Timeout))
        bound = writeOrGiveUp(m_paths, m_paths.sys + "/bus/usb", "drivers_probe", busid, deadline);
    if (!device.isPresent())
        return {};
    if (device.driver().empty())
        return Error{Fault::System,
                     "no driver takes device " + busid + (bound ? "" : " back (" + bound.error().text + ")") +
                         ": unplug it and plug it in again",
                     bound ? 0 : bound.error().number};
    return {};
}

UsbipHost::Status UsbipHost::status(const UsbDevice &device)
{
    const auto text = device.dir().find("usbip_status");
    if (text == "1")
        return Status::Available;
    if (text == "2")
        return Status::Used;
    return text ? Status::Error : Status::NotBound;
}

UsbipHost::Status UsbipHost::waitUntilUnused(const UsbDevice &device, Deadline deadline)
{
    // The kernel sends no event when this changes (no sysfs_notify in drivers/usb/usbip).
    Status now = status(device);
    while (now == Status::Used && !deadline.passed()) {
        deadline.sleep(pollInterval);
        now = status(device);
    }
    return now;
}

Result<void> UsbipHost::handOver(const UsbDevice &device, UniqueFd socket)
{
    const auto written = device.dir().write("usbip_sockfd", std::to_string(socket.get()));
    if (!written) {
        // EINVAL stands for every refusal; the status tells which.
        if (status(device) == Status::Used)
            return Error{Fault::Busy, "device " + device.busid().text() + " is in use by another qube"};
        return written;
    }
    if (status(device) == Status::NotBound)
        return Error{Fault::NotFound, "device " + device.busid().text() + " has been unplugged"};
    return {};
}

} // namespace engine
