// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

namespace engine {

/// Watches and ends a connection whose socket the kernel has been given. Keeps a duplicate that is never read and never
/// polled for input, so not one byte of USB/IP is taken from the kernel. Its end is POLLRDHUP (both ends' shutdown
/// functions call kernel_sock_shutdown(); see stub_dev.c and vhci_hcd.c), here within 10 ms.
class Connection
{
public:
    static Result<Connection> watch(const UniqueFd &socket);

    /// Poll this with POLLRDHUP only.
    int fd() const { return m_fd.get(); }
    bool ended() const;
    /// Ends it, on both sides, whoever holds it. Any number of times. The destructor does so, too: what is undone after
    /// it needs a connection that has ended, however we got there.
    void end() const;
    Connection(Connection &&) noexcept = default;
    Connection &operator=(Connection &&) = delete;
    ~Connection() { end(); }

private:
    explicit Connection(UniqueFd fd)
        : m_fd(std::move(fd))
    {
    }
    UniqueFd m_fd;
};

/// The socket that qrexec gave us as FD 0, moved out of the way: FD 0 is /dev/null afterwards, so that no child can
/// hold the connection open. Fault::System if it is not a stream socket, which the kernel would refuse.
Result<UniqueFd> takeStandardSocket();

} // namespace engine
