// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/connection.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace engine {

Result<Connection> Connection::watch(const UniqueFd &socket)
{
    UniqueFd copy(fcntl(socket.get(), F_DUPFD_CLOEXEC, 3));
    if (!copy)
        return systemError("cannot duplicate the connection", errno);
    return Connection(std::move(copy));
}

bool Connection::ended() const
{
    pollfd entry{m_fd.get(), POLLRDHUP, 0};
    return poll(&entry, 1, 0) == 1;
}

void Connection::end() const
{
    if (m_fd)
        shutdown(m_fd.get(), SHUT_RDWR);
}

Result<UniqueFd> takeStandardSocket()
{
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM)
        return Error{Fault::System,
                     "standard input is not a stream socket: this command is started by qrexec, not by hand"};
    UniqueFd socket(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!socket || !null || dup2(null.get(), STDIN_FILENO) < 0)
        return systemError("cannot take the connection", errno);
    return socket;
}

} // namespace engine
