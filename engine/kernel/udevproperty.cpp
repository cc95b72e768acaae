// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/udevproperty.h"

#include <dlfcn.h>
#include <libudev.h>
#include <memory>

namespace engine {

namespace {

/// Loaded for one question: the processes that stay would carry it for nothing, 190 KiB a device.
class Libudev
{
public:
    template <typename Function>
    Function *find(const char *name) const
    {
        return reinterpret_cast<Function *>(m_library ? dlsym(m_library.get(), name) : nullptr);
    }

private:
    std::unique_ptr<void, int (*)(void *)> m_library{dlopen("libudev.so.1", RTLD_NOW | RTLD_LOCAL), &dlclose};
};

} // namespace

std::string udevProperty(const std::string &busid, const std::string &name)
{
    const Libudev library;
    const auto newContext = library.find<decltype(udev_new)>("udev_new");
    const auto freeContext = library.find<decltype(udev_unref)>("udev_unref");
    const auto newDevice =
        library.find<decltype(udev_device_new_from_subsystem_sysname)>("udev_device_new_from_subsystem_sysname");
    const auto freeDevice = library.find<decltype(udev_device_unref)>("udev_device_unref");
    const auto get = library.find<decltype(udev_device_get_property_value)>("udev_device_get_property_value");
    if (newContext == nullptr || freeContext == nullptr || newDevice == nullptr || freeDevice == nullptr ||
        get == nullptr)
        return {};
    const std::unique_ptr<udev, decltype(freeContext)> context(newContext(), freeContext);
    const std::unique_ptr<udev_device, decltype(freeDevice)> device(
        context ? newDevice(context.get(), "usb", busid.c_str()) : nullptr, freeDevice);
    const char *const value = device ? get(device.get(), name.c_str()) : nullptr;
    return value != nullptr ? value : "";
}

} // namespace engine
