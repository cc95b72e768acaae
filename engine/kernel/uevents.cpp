// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/uevents.h"

#include "values/busid.h"
#include "values/split.h"

#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace engine {

namespace {

constexpr unsigned kernelGroup = 1;   // udevd's is 2
constexpr int bufferSize = 256 << 10; // a hub with all its devices at once

} // namespace

std::optional<Uevent> Uevent::parse(std::string_view datagram)
{
    const std::size_t at = datagram.find('@');
    const std::size_t end = datagram.find('\0');
    if (at == std::string_view::npos || end == std::string_view::npos || at > end)
        return std::nullopt;
    const std::string_view path = datagram.substr(at + 1, end - at - 1);
    const auto busid = BusId::parse(baseName(path));
    if (!busid || datagram.substr(end).find(std::string_view("\0DEVTYPE=usb_device\0", 20)) == std::string_view::npos)
        return std::nullopt;
    return Uevent{std::string(datagram.substr(0, at)), busid->text()};
}

Result<Uevents> Uevents::open()
{
    UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!fd)
        return systemError("cannot listen to device events of the kernel", errno);
    // Without it a burst may be lost, which costs a look, no more.
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bufferSize, sizeof bufferSize);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kernelGroup;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket API's type
    if (bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return systemError("cannot listen to device events of the kernel", errno);
    return Uevents(std::move(fd));
}

std::optional<Uevent> Uevents::next() const
{
    std::array<char, 8192> buffer{};
    for (;;) {
        sockaddr_nl sender{};
        socklen_t length = sizeof sender;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket API's type
        auto *const address = reinterpret_cast<sockaddr *>(&sender);
        const ssize_t got = recvfrom(m_fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT, address, &length);
        if (got < 0 && errno == ENOBUFS)
            continue; // some are lost: the state is looked at anyway
        if (got <= 0)
            return std::nullopt;
        // Any process may send to a netlink socket; the kernel's number is 0.
        if (sender.nl_family == AF_NETLINK && sender.nl_pid != 0)
            continue;
        if (auto event = Uevent::parse({buffer.data(), static_cast<std::size_t>(got)}))
            return event;
    }
}

} // namespace engine
