// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "base/uniquefd.h"
#include "values/result.h"

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace engine {

/// The locks of all engine processes of a qube: one file, one byte of it per name (record locks of fcntl(2)). The
/// kernel drops a lock with its process and tells whose it is, so there are no pid files and nothing is left behind.
/// One table per process at most: closing any descriptor of the file drops all of the process's locks. The file is in
/// `paths.state`, which is made here and must be this user's alone (errno EACCES otherwise).
class LockTable
{
public:
    /// A held lock; gone with the object. The table must outlive it.
    class Lock
    {
    public:
        Lock(Lock &&other) noexcept;
        Lock(const Lock &) = delete;
        Lock &operator=(const Lock &) = delete;
        Lock &operator=(Lock &&other) noexcept;
        ~Lock();

    private:
        friend class LockTable;
        Lock(int fd, off_t at)
            : m_fd(fd)
            , m_at(at)
        {
        }
        int m_fd;
        off_t m_at;
    };

    static Result<LockTable> open(const Paths &paths);

    /// Fault::Busy if another process has it beyond the deadline.
    Result<Lock> lock(const std::string &name, Deadline deadline = Deadline(std::chrono::milliseconds(0)));
    /// The process that has it, if another one has.
    std::optional<pid_t> owner(const std::string &name) const;
    /// A pidfd of the process that has it: it still had it after the pidfd was made, so signals reach the right one.
    UniqueFd ownerProcess(const std::string &name) const;

    /// Pidfds of all processes that hold a lock, but for this one; a process with two is there twice.
    std::vector<UniqueFd> ownerProcesses() const;

    /// A number kept for the holder of the lock of the virtual ports: the port used last.
    unsigned lastPort() const;
    void setLastPort(unsigned port);

private:
    explicit LockTable(UniqueFd fd)
        : m_fd(std::move(fd))
    {
    }
    UniqueFd m_fd;
};

/// Names of the locks.
std::string exportLock(const std::string &busid);
std::string importLock(const std::string &backend, const std::string &device);
/// Of whoever puts right what another process left under that lock, and takes it only for that: taken first, and not
/// to be told to end.
std::string settlingLock(const std::string &lock);
/// Of a call on the device that the kernel is at.
std::string callLock(const std::string &busid);
constexpr const char *portsLock = "ports";

} // namespace engine
