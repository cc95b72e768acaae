// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/uevents.h"

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// The kernel's events over a socket at a path, in the place of netlink: who listens may be another process than the
// test.

inline sockaddr_un addressOf(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

inline engine::Result<engine::Uevents> listenAt(const std::string &path)
{
    engine::UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = addressOf(path);
    unlink(path.c_str());
    if (bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return engine::systemError("cannot listen at " + path, errno);
    return engine::Uevents(std::move(fd));
}

/// That the device 3-1 of vhci_hcd has been bound.
inline void sendBind(const std::string &path)
{
    using namespace std::string_literals;
    const engine::UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = addressOf(path);
    const std::string text = "bind@/devices/platform/vhci_hcd.0/usb3/3-1\0ACTION=bind\0DEVTYPE=usb_device\0"s;
    sendto(fd.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr *>(&address), sizeof address);
}
