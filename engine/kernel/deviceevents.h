// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "values/result.h"

#include <memory>
#include <optional>
#include <string>

struct udev;
struct udev_monitor;

namespace engine {

/// Events of whole USB devices from the moment it is opened. They say "look again"; the state is in sysfs, but for
/// "bind", which alone tells that the interfaces have been probed, too (the link to the driver is there before).
/// Where udevd runs its events are taken, so that its rules have been applied and nodes exist; else the kernel's.
class DeviceEvents
{
public:
    struct Event
    {
        std::string action; ///< add, bind, unbind, remove, ...
        std::string busid;
    };

    static Result<DeviceEvents> open();

    int fd() const;
    /// The next one that has arrived, without waiting.
    std::optional<Event> next();

private:
    struct Unref
    {
        void operator()(udev *context) const;
        void operator()(udev_monitor *monitor) const;
    };
    DeviceEvents() = default;
    std::unique_ptr<udev, Unref> m_udev;
    std::unique_ptr<udev_monitor, Unref> m_monitor;
};

/// A property of a device in udev's database; empty if it has none.
std::string udevProperty(const std::string &busid, const std::string &name);

} // namespace engine
