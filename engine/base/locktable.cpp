// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/locktable.h"

#include "values/untrusted.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace engine {

namespace {

constexpr std::size_t lastPortLength = 8;
constexpr off_t firstOffset = 0x1000; ///< beyond the bytes that hold something

/// FNV-1a, folded into the offsets that a record lock can have.
off_t offsetOf(const std::string &name)
{
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return static_cast<off_t>((hash >> 2U) | firstOffset);
}

struct flock record(short type, off_t at)
{
    struct flock description
    {
    };
    description.l_type = type;
    description.l_whence = SEEK_SET;
    description.l_start = at;
    description.l_len = 1;
    return description;
}

} // namespace

LockTable::Lock::Lock(Lock &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
    , m_at(other.m_at)
{
}

LockTable::Lock &LockTable::Lock::operator=(Lock &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    std::swap(m_at, other.m_at);
    return *this;
}

LockTable::Lock::~Lock()
{
    if (m_fd < 0)
        return;
    auto description = record(F_UNLCK, m_at);
    fcntl(m_fd, F_SETLK, &description);
}

Result<LockTable> LockTable::open(const Paths &paths)
{
    if (mkdir(paths.state.c_str(), 0700) != 0 && errno != EEXIST)
        return systemError("cannot make the folder " + paths.state, errno);
    struct stat info
    {
    };
    if (lstat(paths.state.c_str(), &info) != 0)
        return systemError("cannot look at the folder " + paths.state, errno);
    if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077U) != 0)
        return Error{Fault::System, paths.state + " is not a folder of this user alone: root has to remove it", EACCES};
    const std::string path = paths.state + "/lock";
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd)
        return systemError("cannot open " + path, errno);
    return LockTable(std::move(fd));
}

Result<LockTable::Lock> LockTable::lock(const std::string &name, Deadline deadline)
{
    const off_t at = offsetOf(name);
    for (;;) {
        auto description = record(F_WRLCK, at);
        if (fcntl(m_fd.get(), F_SETLK, &description) == 0)
            return Lock(m_fd.get(), at);
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return systemError("cannot take the lock '" + name + "'", errno);
        if (deadline.passed())
            return Error{Fault::Busy, "another process is at it", EAGAIN};
        // There is no event for a lock that becomes free while its owner lives on.
        deadline.sleep(std::chrono::milliseconds(10));
    }
}

std::optional<pid_t> LockTable::owner(const std::string &name) const
{
    auto description = record(F_WRLCK, offsetOf(name));
    if (fcntl(m_fd.get(), F_GETLK, &description) != 0 || description.l_type == F_UNLCK || description.l_pid <= 0)
        return std::nullopt;
    return description.l_pid;
}

UniqueFd LockTable::ownerProcess(const std::string &name) const
{
    const auto pid = owner(name);
    if (!pid)
        return {};
    UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
    return owner(name) == pid ? std::move(process) : UniqueFd();
}

std::vector<UniqueFd> LockTable::ownerProcesses() const
{
    // The kernel tells of one lock in a range, not of the first: what lies on both sides of it is looked at then.
    std::vector<UniqueFd> processes;
    std::vector<std::pair<off_t, off_t>> ranges{{firstOffset, std::numeric_limits<off_t>::max()}};
    while (!ranges.empty()) {
        const auto [begin, end] = ranges.back();
        ranges.pop_back();
        auto found = record(F_WRLCK, begin);
        found.l_len = end - begin;
        if (begin >= end || fcntl(m_fd.get(), F_GETLK, &found) != 0 || found.l_type == F_UNLCK)
            continue;
        ranges.emplace_back(begin, found.l_start);
        ranges.emplace_back(found.l_start + 1, end);
        UniqueFd process(found.l_pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, found.l_pid, 0)) : -1);
        auto again = record(F_WRLCK, found.l_start);
        if (process && fcntl(m_fd.get(), F_GETLK, &again) == 0 && again.l_type != F_UNLCK && again.l_pid == found.l_pid)
            processes.push_back(std::move(process));
    }
    return processes;
}

unsigned LockTable::lastPort() const
{
    std::array<char, lastPortLength> text{};
    const ssize_t got = pread(m_fd.get(), text.data(), text.size(), 0);
    if (got <= 0)
        return 0;
    const std::string_view number(text.data(), strnlen(text.data(), static_cast<std::size_t>(got)));
    return static_cast<unsigned>(parseNumber(number, 100000).value_or(0));
}

void LockTable::setLastPort(unsigned port)
{
    std::string text = std::to_string(port);
    text.resize(lastPortLength, '\0');
    // Only a hint for where to begin: a failed write costs nothing.
    static_cast<void>(pwrite(m_fd.get(), text.data(), text.size(), 0) == 0);
}

std::string exportLock(const std::string &busid)
{
    return "export " + busid;
}

std::string settlingLock(const std::string &lock)
{
    return "settling " + lock;
}

std::string callLock(const std::string &busid)
{
    return "call " + busid;
}

std::string importLock(const std::string &backend, const std::string &device)
{
    return "import " + backend + ' ' + device;
}

} // namespace engine
