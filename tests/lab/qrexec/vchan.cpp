// SPDX-License-Identifier: GPL-2.0-or-later
#include "vchan.h"

#include "wire.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lab {

namespace {

constexpr std::size_t frameHeader = 5;

void putHeader(char *to, char type, std::uint32_t size)
{
    to[0] = type;
    for (int i = 0; i < 4; ++i)
        to[1 + i] = static_cast<char>(size >> (8 * i));
}

std::uint32_t getSize(const char *from)
{
    std::uint32_t size = 0;
    for (int i = 0; i < 4; ++i)
        size |= static_cast<std::uint32_t>(static_cast<unsigned char>(from[1 + i])) << (8 * i);
    return size;
}

} // namespace

std::unique_ptr<Vchan> Vchan::open(const std::string &broker, const std::string &call, Role role, std::size_t ring,
                                   int timeoutSeconds, bool eintrFails)
{
    UniqueFd fd = connectTcp(broker);
    if (!fd)
        return nullptr;
    const int roomy = 4 * static_cast<int>(defaultRing);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &roomy, sizeof roomy);
    if (!writeLine(fd.get(), {"data", call, role == Role::Server ? "server" : "client", std::to_string(ring)}))
        return nullptr;
    const auto answer = readLine(fd.get(), timeoutSeconds > 0 ? timeoutSeconds * 1000 : -1);
    if (!answer || answer->size() != 2 || answer->front() != "connected")
        return nullptr;
    setNonBlocking(fd.get(), true);
    // The server chooses the size of the rings; the broker tells the client.
    return std::unique_ptr<Vchan>(new Vchan(std::move(fd), std::stoul(answer->at(1)), eintrFails));
}

Vchan::Vchan(UniqueFd fd, std::size_t ring, bool eintrFails)
    : m_fd(std::move(fd))
    , m_ring(ring)
    , m_eintrFails(eintrFails)
    , m_space(ring)
{
}

Vchan::~Vchan()
{
    // Closing a TCP socket with unread input would reset the connection and drop what is still on its way
    // to the peer, so the broker's EOF is awaited, which follows ours at once.
    if (m_open)
        writeFrame('E', nullptr, 0);
    ::shutdown(m_fd.get(), SHUT_WR);
    while (m_open) {
        pollfd waiting{m_fd.get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, 5000);
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return;
        char discarded[65536];
        const ssize_t got = ::read(m_fd.get(), discarded, sizeof discarded);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return;
    }
}

void Vchan::pull()
{
    while (m_open) {
        char chunk[65536];
        const ssize_t got = ::recv(m_fd.get(), chunk, sizeof chunk, 0);
        if (got > 0) {
            m_event = true;
            m_raw.append(chunk, static_cast<std::size_t>(got));
            parse();
            if (static_cast<std::size_t>(got) < sizeof chunk)
                return;
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && errno == EAGAIN) {
            return;
        } else {
            m_event = true;
            m_open = false;
        }
    }
}

void Vchan::parse()
{
    std::size_t at = 0;
    while (m_raw.size() - at >= frameHeader) {
        const char type = m_raw[at];
        const std::size_t size = getSize(m_raw.data() + at);
        if (type == 'C') {
            m_space += size;
            at += frameHeader;
        } else if (type == 'E') {
            m_saidGoodbye = true;
            at += frameHeader;
        } else if (type == 'D' && size <= m_ring) {
            if (m_raw.size() - at - frameHeader < size)
                break;
            m_in.append(m_raw, at + frameHeader, size);
            at += frameHeader + size;
        } else {
            m_open = false;
            break;
        }
    }
    m_raw.erase(0, at);
}

bool Vchan::wasDestroyed() const
{
    char next = 0;
    return m_open && !m_saidGoodbye && ::recv(m_fd.get(), &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool Vchan::isOpen()
{
    pull();
    return m_open;
}

std::size_t Vchan::dataReady()
{
    pull();
    return m_in.size() - m_inAt;
}

std::size_t Vchan::bufferSpace()
{
    pull();
    return m_space;
}

void Vchan::clearEvent()
{
    pull();
    giveCredit(true);
    m_event = false;
}

bool Vchan::block()
{
    giveCredit(true);
    pollfd waiting{m_fd.get(), POLLIN, 0};
    if (::poll(&waiting, 1, -1) < 0)
        return errno == EINTR && !m_eintrFails;
    return true;
}

bool Vchan::writeFrame(char type, const char *data, std::size_t size)
{
    char header[frameHeader];
    putHeader(header, type, static_cast<std::uint32_t>(size));
    const std::size_t body = type == 'D' ? size : 0;
    iovec parts[2] = {{header, sizeof header}, {const_cast<char *>(data), body}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    std::size_t left = sizeof header + body;
    while (left > 0) {
        const ssize_t done = ::sendmsg(m_fd.get(), &message, MSG_NOSIGNAL);
        if (done < 0) {
            if (errno == EINTR)
                continue;
            if (errno != EAGAIN) {
                pull();
                m_open = false;
                return false;
            }
            // The broker always reads, so this is short.
            pollfd waiting{m_fd.get(), POLLOUT, 0};
            ::poll(&waiting, 1, -1);
            continue;
        }
        left -= static_cast<std::size_t>(done);
        std::size_t skip = static_cast<std::size_t>(done);
        for (iovec &part : parts) {
            const std::size_t taken = std::min(skip, part.iov_len);
            part.iov_base = static_cast<char *>(part.iov_base) + taken;
            part.iov_len -= taken;
            skip -= taken;
        }
    }
    return true;
}

void Vchan::giveCredit(bool all)
{
    // A quarter of the ring at a time while reading on, the rest before anything blocks.
    if (m_consumed > 0 && (all || m_consumed >= m_ring / 4) && m_open) {
        const std::size_t consumed = m_consumed;
        m_consumed = 0;
        writeFrame('C', nullptr, consumed);
    }
}

bool Vchan::send(const void *data, std::size_t size)
{
    const char *at = static_cast<const char *>(data);
    while (size > 0) {
        if (!isOpen())
            return false;
        const std::size_t part = std::min(size, m_space);
        if (part == 0) {
            if (!block())
                return false;
            continue;
        }
        m_space -= part;
        if (!writeFrame('D', at, part))
            return false;
        at += part;
        size -= part;
    }
    return true;
}

bool Vchan::receive(void *data, std::size_t size)
{
    char *at = static_cast<char *>(data);
    while (size > 0) {
        const std::size_t part = std::min(size, dataReady());
        if (part == 0) {
            if (!m_open || !block())
                return false;
            continue;
        }
        std::memcpy(at, m_in.data() + m_inAt, part);
        m_inAt += part;
        if (m_inAt == m_in.size()) {
            m_in.clear();
            m_inAt = 0;
        }
        m_consumed += part;
        giveCredit(false);
        at += part;
        size -= part;
    }
    return true;
}

} // namespace lab
