// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/deviceevents.h"

#include <libudev.h>
#include <unistd.h>

namespace engine {

void DeviceEvents::Unref::operator()(udev *context) const
{
    udev_unref(context);
}

void DeviceEvents::Unref::operator()(udev_monitor *monitor) const
{
    udev_monitor_unref(monitor);
}

Result<DeviceEvents> DeviceEvents::open()
{
    DeviceEvents events;
    events.m_udev.reset(udev_new());
    const char *source = access("/run/udev/control", F_OK) == 0 ? "udev" : "kernel";
    if (events.m_udev)
        events.m_monitor.reset(udev_monitor_new_from_netlink(events.m_udev.get(), source));
    if (!events.m_monitor ||
        udev_monitor_filter_add_match_subsystem_devtype(events.m_monitor.get(), "usb", "usb_device") < 0 ||
        udev_monitor_enable_receiving(events.m_monitor.get()) < 0)
        return Error{Fault::System, "cannot listen to device events of the kernel"};
    return events;
}

int DeviceEvents::fd() const
{
    return udev_monitor_get_fd(m_monitor.get());
}

std::optional<DeviceEvents::Event> DeviceEvents::next()
{
    udev_device *device = udev_monitor_receive_device(m_monitor.get());
    if (device == nullptr)
        return std::nullopt;
    const char *action = udev_device_get_action(device);
    const char *name = udev_device_get_sysname(device);
    Event event{action != nullptr ? action : "", name != nullptr ? name : ""};
    udev_device_unref(device);
    return event;
}

std::string udevProperty(const std::string &busid, const std::string &name)
{
    udev *context = udev_new();
    udev_device *device =
        context != nullptr ? udev_device_new_from_subsystem_sysname(context, "usb", busid.c_str()) : nullptr;
    const char *value = device != nullptr ? udev_device_get_property_value(device, name.c_str()) : nullptr;
    std::string text = value != nullptr ? value : "";
    udev_device_unref(device);
    udev_unref(context);
    return text;
}

} // namespace engine
