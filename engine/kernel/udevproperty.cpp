// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/udevproperty.h"

#include <libudev.h>

namespace engine {

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
