// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// One event of the kernel for a whole USB device.
struct Uevent
{
    std::string action; ///< add, bind, unbind, remove, ...
    std::string busid;

    /// From a datagram of the kernel: "ACTION@DEVPATH", then KEY=VALUE, each ended by a NUL (kobject_uevent_env() in
    /// lib/kobject_uevent.c). Nothing if it is of anything but a whole USB device.
    static std::optional<Uevent> parse(std::string_view datagram);
};

/// The kernel's own events, from the moment this is opened; udevd need not run. They say "look again", but for "bind":
/// the kernel sends it for a device when it has probed the interfaces (really_probe() in drivers/base/dd.c, called with
/// usb_set_configuration() behind it).
class Uevents
{
public:
    static Result<Uevents> open();
    /// Tests send datagrams themselves.
    explicit Uevents(UniqueFd socket)
        : m_fd(std::move(socket))
    {
    }

    int fd() const { return m_fd.get(); }
    /// The next one that has arrived, without waiting.
    std::optional<Uevent> next() const;

private:
    UniqueFd m_fd;
};

} // namespace engine
