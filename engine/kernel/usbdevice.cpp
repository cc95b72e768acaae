// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/usbdevice.h"

#include "base/helper.h"
#include "values/untrusted.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace engine {

namespace {

constexpr const char *hubClass = "09";

std::uint16_t hexAttribute(const SysfsDir &dir, const char *name)
{
    const auto spec = DeviceSpec::parse("0x" + dir.find(name).value_or("") + ".0x0000");
    return spec && spec->vidPid() ? spec->vidPid()->vendor : 0;
}

std::string padded(std::uint64_t number)
{
    const std::string text = std::to_string(number);
    return std::string(text.size() < 3 ? 3 - text.size() : 0, '0') + text;
}

} // namespace

UsbDevice::UsbDevice(BusId busid, SysfsDir dir)
    : m_busid(std::move(busid))
    , m_dir(std::move(dir))
    , m_identity(identity())
{
}

Result<UsbDevice> UsbDevice::open(const Paths &paths, const BusId &busid)
{
    auto dir = SysfsDir::open(paths.usbDevices() + '/' + busid.text());
    if (!dir)
        return Error{Fault::NotFound, "there is no USB device " + busid.text(), dir.error().number};
    if (!dir->has("idVendor") || !dir->has("busnum"))
        return Error{Fault::NotFound, busid.text() + " is not a whole USB device"};
    return UsbDevice(busid, std::move(*dir));
}

VidPid UsbDevice::vidPid() const
{
    return {hexAttribute(m_dir, "idVendor"), hexAttribute(m_dir, "idProduct")};
}

std::string UsbDevice::vendorAndProduct() const
{
    return cleanText(m_dir.find("idVendor").value_or("????") + ':' + m_dir.find("idProduct").value_or("????"), 9);
}

std::string UsbDevice::product() const
{
    return cleanText(m_dir.find("product").value_or(""), 64);
}

bool UsbDevice::isHub() const
{
    return m_dir.find("bDeviceClass") == hubClass;
}

bool UsbDevice::isImported() const
{
    // The kernel does not refuse to export these: stub_probe() compares the bus name with "vhci_hcd", but the
    // controllers are called "vhci_hcd.N" since there can be several (drivers/usb/usbip/stub_dev.c).
    return m_dir.realPath().find("/vhci_hcd.") != std::string::npos;
}

bool UsbDevice::isBlocked() const
{
    return m_dir.find("authorized") == "0";
}

std::string UsbDevice::driver() const
{
    return m_dir.linkName("driver");
}

bool UsbDevice::isPresent() const
{
    return m_dir.has("busnum");
}

Result<Speed> UsbDevice::speed() const
{
    const auto text = m_dir.read("speed");
    if (!text)
        return text.error();
    const auto speed = Speed::parse(*text);
    if (!speed)
        return Error{Fault::NotFound, "device " + m_busid.text() + " has no valid speed ('" + cleanText(*text, 16) +
                                          "'): it is being unplugged or has failed"};
    return *speed;
}

Result<std::uint32_t> UsbDevice::devId() const
{
    const auto bus = parseNumber(m_dir.find("busnum").value_or(""), 0xffff);
    const auto number = parseNumber(m_dir.find("devnum").value_or(""), 0xffff);
    if (!bus || !number)
        return Error{Fault::NotFound, "device " + m_busid.text() + " has gone"};
    return static_cast<std::uint32_t>(*bus << 16U | *number);
}

Result<std::string> UsbDevice::node() const
{
    const auto id = devId();
    if (!id)
        return id.error();
    return "bus/usb/" + padded(*id >> 16U) + '/' + padded(*id & 0xffffU);
}

std::string UsbDevice::idsAndSerial() const
{
    return cleanText(vendorAndProduct() + ' ' + m_dir.find("serial").value_or("-"), 200);
}

Result<void> UsbDevice::reset(const Paths &paths, Deadline deadline) const
{
    const auto name = node();
    if (!name)
        return name.error();
    const std::string path = paths.dev + '/' + *name;
    return callOrGiveUp(paths, m_busid.text(), "resetting device " + m_busid.text(), deadline, -1,
                        [&]() -> Result<void> {
                            const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
                            if (!fd)
                                return systemError("cannot open " + path, errno);
                            if (ioctl(fd.get(), USBDEVFS_RESET, nullptr) != 0)
                                return systemError("cannot reset device " + m_busid.text(), errno);
                            return {};
                        });
}

std::string UsbDevice::identity() const
{
    std::string all;
    for (const char *attribute : {"busnum", "devnum", "serial", "descriptors"})
        all += m_dir.find(attribute).value_or("-") + '\n';
    return all;
}

Result<void> UsbDevice::verifyUnchanged() const
{
    if (!isPresent())
        return Error{Fault::NotFound, "device " + m_busid.text() + " has been unplugged"};
    if (identity() != m_identity)
        return Error{Fault::Unsuitable, "device " + m_busid.text() +
                                            " is not the same any more: it has been replaced or has changed its mode"};
    return {};
}

bool waitUntilGone(const Paths &paths, const std::string &busid, Deadline deadline)
{
    const std::string folder = paths.usbDevices() + '/' + busid;
    while (access(folder.c_str(), F_OK) == 0) {
        if (deadline.passed())
            return false;
        deadline.sleep(std::chrono::milliseconds(10));
    }
    return true;
}

std::vector<UsbDevice> listDevices(const Paths &paths)
{
    std::vector<UsbDevice> devices;
    for (const std::string &name : listFolder(paths.usbDevices())) {
        const auto busid = BusId::parse(name);
        if (!busid)
            continue;
        if (auto device = UsbDevice::open(paths, *busid))
            devices.push_back(std::move(*device));
    }
    return devices;
}

Result<UsbDevice> findDevice(const Paths &paths, const DeviceSpec &spec)
{
    if (const BusId *busid = spec.busid())
        return UsbDevice::open(paths, *busid);

    std::vector<UsbDevice> matches;
    for (UsbDevice &device : listDevices(paths)) {
        if (device.vidPid() == *spec.vidPid() && !device.isHub() && !device.isImported())
            matches.push_back(std::move(device));
    }
    if (matches.empty())
        return Error{Fault::NotFound, "there is no USB device " + spec.text()};
    if (matches.size() == 1)
        return std::move(matches.front());
    std::string names;
    for (const UsbDevice &device : matches)
        names += (names.empty() ? "" : ", ") + device.busid().text();
    return Error{Fault::NotFound, std::to_string(matches.size()) + " devices match " + spec.text() + " (" + names +
                                      "): name the one you mean by its port"};
}

} // namespace engine
