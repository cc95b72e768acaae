// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lab {

std::string encodeLine(const Fields &fields)
{
    std::string line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0)
            line += '\t';
        for (const char c : fields[i]) {
            switch (c) {
            case '\\':
                line += "\\\\";
                break;
            case '\t':
                line += "\\t";
                break;
            case '\n':
                line += "\\n";
                break;
            case '\r':
                line += "\\r";
                break;
            default:
                line += c;
            }
        }
    }
    line += '\n';
    return line;
}

Fields decodeLine(std::string_view line)
{
    Fields fields(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '\t') {
            fields.emplace_back();
        } else if (c == '\\' && i + 1 < line.size()) {
            const char escaped = line[++i];
            fields.back() += escaped == 't' ? '\t' : escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped;
        } else {
            fields.back() += c;
        }
    }
    return fields;
}

std::optional<Fields> LineBuffer::next()
{
    const auto end = m_data.find('\n');
    if (end == std::string::npos)
        return std::nullopt;
    Fields fields = decodeLine(std::string_view(m_data).substr(0, end));
    m_data.erase(0, end + 1);
    return fields;
}

bool writeAll(int fd, const void *data, std::size_t size)
{
    const char *at = static_cast<const char *>(data);
    while (size > 0) {
        const ssize_t done = ::write(fd, at, size);
        if (done >= 0) {
            at += done;
            size -= static_cast<std::size_t>(done);
        } else if (errno == EAGAIN) {
            pollfd waiting{fd, POLLOUT, 0};
            if (::poll(&waiting, 1, -1) < 0 && errno != EINTR)
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool writeLine(int fd, const Fields &fields)
{
    const std::string line = encodeLine(fields);
    return writeAll(fd, line.data(), line.size());
}

std::optional<Fields> readLine(int fd, int timeoutMs)
{
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::milliseconds(timeoutMs);
    std::string line;
    for (;;) {
        int left = -1;
        if (timeoutMs >= 0) {
            left = static_cast<int>(
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count());
            if (left < 0)
                return std::nullopt;
        }
        pollfd waiting{fd, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, left);
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return std::nullopt;
        if (ready < 0)
            continue;
        char c = 0;
        const ssize_t got = ::read(fd, &c, 1);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return std::nullopt;
        if (got < 0)
            continue;
        if (c == '\n')
            return decodeLine(line);
        line += c;
    }
}

UniqueFd connectTcp(const std::string &address)
{
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        errno = EINVAL;
        return UniqueFd();
    }
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return UniqueFd();
    }
    UniqueFd fd;
    int error = EHOSTUNREACH;
    for (const addrinfo *at = found; at != nullptr; at = at->ai_next) {
        UniqueFd tried(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (tried && ::connect(tried.get(), at->ai_addr, at->ai_addrlen) == 0) {
            const int on = 1;
            ::setsockopt(tried.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            fd = std::move(tried);
            break;
        }
        error = errno;
    }
    ::freeaddrinfo(found);
    if (!fd)
        errno = error;
    return fd;
}

namespace {

bool unixAddress(const std::string &path, sockaddr_un &address)
{
    address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

} // namespace

UniqueFd connectUnix(const std::string &path)
{
    sockaddr_un address{};
    if (!unixAddress(path, address))
        return UniqueFd();
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
        const int error = errno;
        fd.reset();
        errno = error;
    }
    return fd;
}

UniqueFd listenUnix(const std::string &path, int mode)
{
    // Renamed into place, so that whoever waits for the file can connect.
    const std::string early = path + ".new";
    sockaddr_un address{};
    if (!unixAddress(early, address))
        return UniqueFd();
    makeParents(path);
    ::unlink(early.c_str());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::chmod(early.c_str(), static_cast<mode_t>(mode)) != 0 || ::listen(fd.get(), SOMAXCONN) != 0 ||
        std::rename(early.c_str(), path.c_str()) != 0)
        return UniqueFd();
    return fd;
}

bool setNonBlocking(int fd, bool on)
{
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 && ::fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) == 0;
}

void makeParents(const std::string &path)
{
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
}

std::optional<std::string> readFile(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace lab
