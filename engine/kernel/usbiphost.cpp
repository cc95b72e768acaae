// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/usbiphost.h"

#include "kernel/kernelmodule.h"
#include "values/untrusted.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <sys/ioctl.h>

namespace engine {

namespace {

using std::chrono::milliseconds;
constexpr auto resetTime = std::chrono::seconds(5);
constexpr int pollInterval = 20;

Result<void> writeTo(const std::string &folder, const std::string &attribute, const std::string &bytes)
{
    const auto dir = SysfsDir::open(folder);
    return dir ? dir->write(attribute, bytes) : Result<void>(dir.error());
}

} // namespace

UsbipHost::UsbipHost(const Paths &paths)
    : m_paths(paths)
{
}

Result<void> UsbipHost::load() const
{
    return loadModule(m_paths, "usbip_host", m_paths.usbipHost() + "/match_busid");
}

Result<void> UsbipHost::bind(const UsbDevice &device) const
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
        const auto bound = writeTo(m_paths.usbipHost(), "bind", busid);
        if (bound)
            break;
        // Somebody probed drivers between our unbind and bind.
        if (bound.error().number == EBUSY && tries < 3 && device.driver() != driverName && !device.driver().empty()) {
            if (const auto unbound = unbind(device); !unbound)
                return unbound;
            continue;
        }
        return bound;
    }
    if (device.driver() != driverName || status(device) == Status::NotBound)
        return Error{Fault::NotFound, "device " + busid + " went away while it was taken over"};
    return {};
}

Result<void> UsbipHost::unbind(const UsbDevice &device) const
{
    const std::string driver = device.driver();
    if (driver.empty())
        return {};
    const auto done = writeTo(m_paths.usbDrivers() + '/' + driver, "unbind", device.busid().text());
    if (!done && device.driver() == driver)
        return done;
    return {};
}

Result<void> UsbipHost::bindTo(const UsbDevice &device, const std::string &driver) const
{
    const std::string &busid = device.busid().text();
    auto bound = writeTo(m_paths.usbDrivers() + '/' + driver, "bind", busid);
    if (device.driver().empty() && device.isPresent())
        bound = writeTo(m_paths.sys + "/bus/usb", "drivers_probe", busid);
    if (!device.isPresent())
        return {};
    if (device.driver().empty())
        return bound ? Error{Fault::System, "no driver takes device " + busid} : bound;
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
        poll(nullptr, 0, pollInterval);
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

Result<void> giveBack(const Paths &paths, const BusId &busid, const GiveBack &how)
{
    const auto device = UsbDevice::open(paths, busid);
    if (!device)
        return {};
    const UsbipHost host(paths);
    const std::string driver = device->driver();
    if (driver.empty())
        return host.bindTo(*device, how.driver);
    if (driver != UsbipHost::driverName)
        return {};

    const auto status = UsbipHost::waitUntilUnused(*device, Deadline(resetTime));
    if (status == UsbipHost::Status::Used)
        return Error{Fault::System,
                     "device " + busid.text() + " is stuck: the kernel does not end its connection; unplug it"};
    if (how.park && status == UsbipHost::Status::Available)
        return {};
    if (how.deauthorize)
        static_cast<void>(device->dir().write("authorized", "0"));
    if (const auto unbound = host.unbind(*device); !unbound)
        return unbound;
    if (how.park)
        return host.bind(*device);
    const auto bound = host.bindTo(*device, how.driver);
    // After a connection the kernel resets the device itself. Status 3 says that this failed.
    if (bound && status == UsbipHost::Status::Error)
        static_cast<void>(resetDevice(paths, *device));
    return bound;
}

Result<void> resetDevice(const Paths &paths, const UsbDevice &device)
{
    const auto node = device.node();
    if (!node)
        return node.error();
    const UniqueFd fd(::open((paths.dev + '/' + *node).c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd)
        return systemError("cannot open " + paths.dev + '/' + *node, errno);
    if (ioctl(fd.get(), USBDEVFS_RESET, nullptr) != 0)
        return systemError("cannot reset device " + device.busid().text(), errno);
    return {};
}

} // namespace engine
