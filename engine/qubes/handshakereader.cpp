// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/handshakereader.h"

#include "base/waiting.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <sys/socket.h>

namespace engine {

Result<Handshake> readHandshake(const UniqueFd &socket, const std::vector<Watch> &withdrawn, Deadline deadline)
{
    std::string untrusted;
    for (;;) {
        std::vector<Watch> watches = withdrawn;
        watches.push_back({socket.get()});
        if (!waitForAny(watches, deadline))
            return Error{Fault::Timeout, "it did not answer in time"};
        if (!watches.back().ready || std::any_of(watches.begin(), watches.end() - 1, [](auto &w) { return w.ready; }))
            return Error{Fault::Cancelled, "the request was withdrawn"};
        char byte = 0;
        const ssize_t got = recv(socket.get(), &byte, 1, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got < 0)
            return systemError("the connection failed", errno);
        if (got == 0)
            return Error{Fault::Peer, untrusted.empty() ? "it ended the connection without sending the device"
                                                        : "it ended the connection in the middle of a line"};
        if (byte == '\n')
            return Handshake::parse(untrusted);
        untrusted += byte;
        if (untrusted.size() >= Handshake::maxLength)
            return Handshake::parse(untrusted); // too long: says so
    }
}

} // namespace engine
