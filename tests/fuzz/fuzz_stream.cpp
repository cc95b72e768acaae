// SPDX-License-Identifier: GPL-2.0-or-later
#include "property.h"
#include "qubes/handshakereader.h"

#include <array>
#include <sys/socket.h>

/// A backend's bytes as they come over the connection: the line is what it is in one piece, and not one byte behind it
/// is taken, as those belong to the kernel.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    std::array<int, 2> ends{};
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const engine::UniqueFd ours(ends[0]);
    engine::UniqueFd peer(ends[1]);
    require(send(peer.get(), data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size));
    shutdown(peer.get(), SHUT_WR);
    const auto read = engine::readHandshake(ours, {}, engine::Deadline(std::chrono::seconds(10)));

    const std::string_view text = asText(data, size);
    const std::size_t end = text.find('\n');
    const std::size_t limit = engine::Handshake::maxLength;
    const std::size_t taken = end < limit ? end + 1 : std::min(size, limit);
    std::array<char, 512> rest{};
    const ssize_t left = recv(ours.get(), rest.data(), rest.size(), 0);
    require(left == static_cast<ssize_t>(size - taken));
    require(text.substr(taken) == std::string_view(rest.data(), static_cast<std::size_t>(left)));
    const auto whole = end < limit ? engine::Handshake::parse(text.substr(0, end))
                                   : engine::Result<engine::Handshake>(engine::Error{});
    require(bool(read) == bool(whole) &&
            (!read || (read->devId == whole->devId && read->speed.text() == whole->speed.text())));
    return 0;
}
