// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/packet.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace engine {

namespace {

union Control {
    cmsghdr header; // for the alignment
    std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

} // namespace

Result<std::array<UniqueFd, 2>> packetPair()
{
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return systemError("cannot make a socket pair", errno);
    return std::array<UniqueFd, 2>{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<void> sendPacket(int socket, std::string_view bytes, int descriptor)
{
    std::string copy(bytes); // sendmsg's type is not const
    iovec part{copy.data(), copy.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    Control control{};
    if (descriptor >= 0) {
        header.msg_control = control.bytes.data();
        header.msg_controllen = control.bytes.size();
        cmsghdr *const rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    if (sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) != static_cast<ssize_t>(bytes.size()))
        return systemError("cannot reach the other process of this connection", errno);
    return {};
}

std::optional<Packet> receivePacket(int socket)
{
    std::array<char, packetLimit> buffer{};
    iovec part{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    Control control{};
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
    ssize_t got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    // The other end went and had not read all that we sent, which is told before its own last words.
    if (got < 0 && errno == ECONNRESET)
        got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got <= 0)
        return std::nullopt;
    Packet packet{std::string(buffer.data(), static_cast<std::size_t>(got)), {}};
    if (const cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights != nullptr && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
        packet.descriptor = UniqueFd(descriptor);
    }
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        return std::nullopt;
    return packet;
}

} // namespace engine
