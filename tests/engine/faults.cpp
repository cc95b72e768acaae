// SPDX-License-Identifier: GPL-2.0-or-later
#include "faults.h"

#include "fakesysfs.h"
#include "forked.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct Shared
{
    std::atomic<unsigned> points;
    std::atomic<unsigned> calls;
    std::atomic<unsigned> allocations;
    std::atomic<bool> isMet;
    std::atomic<bool> isInKernel; ///< a write is in the fake, which nobody interrupts half-way, as the kernel's
    std::atomic<pid_t> relay;
    std::atomic<pid_t> keeper;
    std::atomic<pid_t> peer;
    unsigned killAt;
    unsigned failAt;
    unsigned noMemoryAt;
    unsigned victims;
};

Shared *shared = nullptr;
bool hasEntered = false; ///< this process has isInKernel

int beforeWrite();
void afterWrite();

Shared &fresh()
{
    if (shared == nullptr) {
        void *const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            throw std::runtime_error("mmap");
        shared = static_cast<Shared *>(memory);
        FakeSysfs::watchWrites(beforeWrite, afterWrite);
    }
    shared->points = 0;
    shared->calls = 0;
    shared->allocations = 0;
    shared->isMet = false;
    shared->isInKernel = false;
    shared->relay = 0;
    shared->keeper = 0;
    shared->peer = 0;
    shared->killAt = 0;
    shared->failAt = 0;
    shared->noMemoryAt = 0;
    shared->victims = 0;
    return *shared;
}

bool isGone(pid_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.empty() || text.find(") Z ") != std::string::npos;
}

/// Waits until no write is in the fake, and keeps others from beginning one.
void enterKernel()
{
    becomesTrue([] { return !shared->isInKernel.exchange(true); });
}

/// Whether this process is one of the engine's, doing what is to be watched.
bool isWatched()
{
    if (shared == nullptr || shared->relay == 0 || FakeSysfs::isAtWork())
        return false;
    if (getpid() != shared->relay && shared->keeper == 0 && getppid() == shared->relay)
        shared->keeper = getpid();
    return getpid() == shared->relay || getpid() == shared->keeper || getppid() == shared->keeper;
}

void point()
{
    if (!isWatched() || shared->killAt == 0 || ++shared->points != shared->killAt)
        return;
    shared->isMet = true;
    const bool dies = ((shared->victims & Faults::Keeper) != 0 && getpid() == shared->keeper) ||
                      ((shared->victims & Faults::Relay) != 0 && getpid() == shared->relay);
    const std::pair<unsigned, pid_t> all[] = {
        {Faults::Keeper, shared->keeper}, {Faults::Relay, shared->relay}, {Faults::Peer, shared->peer}};
    for (const auto &[victim, pid] : all) {
        if ((shared->victims & victim) == 0 || pid <= 1 || pid == getpid())
            continue;
        enterKernel();
        kill(pid, SIGKILL);
        becomesTrue([pid = pid] { return isGone(pid); });
        shared->isInKernel = false;
    }
    if (dies)
        kill(getpid(), SIGKILL);
}

/// Sets errno where this call is the one that fails.
bool fails(int number)
{
    if (!isWatched() || shared->failAt == 0 || ++shared->calls != shared->failAt)
        return false;
    shared->isMet = true;
    errno = number;
    return true;
}

int beforeWrite()
{
    if (fails(ENOSPC))
        return errno;
    point();
    hasEntered = isWatched() && shared->killAt != 0;
    if (hasEntered)
        enterKernel();
    return 0;
}

void afterWrite()
{
    if (hasEntered)
        shared->isInKernel = false;
    hasEntered = false;
    point();
}

} // namespace

void Faults::killAt(unsigned point, unsigned victims)
{
    Shared &all = fresh();
    all.killAt = point;
    all.victims = victims;
}

void Faults::failAt(unsigned call)
{
    fresh().failAt = call;
}

void Faults::noMemoryAt(unsigned allocation)
{
    fresh().noMemoryAt = allocation;
}

void Faults::end()
{
    shared->relay = 0;
}

void Faults::setRelay(pid_t pid)
{
    shared->relay = pid;
}

void Faults::setPeer(pid_t pid)
{
    shared->peer = pid;
}

pid_t Faults::keeper()
{
    return shared->keeper;
}

bool Faults::met()
{
    return shared->isMet;
}

// For the whole program, as the standard has it.
void *operator new(std::size_t size)
{
    if (shared != nullptr && shared->noMemoryAt != 0 && isWatched() && ++shared->allocations == shared->noMemoryAt) {
        shared->isMet = true;
        throw std::bad_alloc();
    }
    if (void *const memory = std::malloc(size); memory != nullptr)
        return memory;
    throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t /*size*/) noexcept
{
    std::free(memory);
}

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): names that the linker's --wrap prescribes
extern "C" {
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
ssize_t __real_sendmsg(int fd, const msghdr *message, int flags);
ssize_t __real_send(int fd, const void *bytes, size_t size, int flags);
pid_t __real_fork();
int __real_socketpair(int domain, int type, int protocol, int *ends);
int __real_pipe2(int *ends, int flags);
int __real_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);

int __wrap_rename(const char *from, const char *to)
{
    if (fails(ENOSPC))
        return -1;
    point();
    const int done = __real_rename(from, to);
    point();
    return done;
}

int __wrap_unlink(const char *path)
{
    point();
    const int done = __real_unlink(path);
    point();
    return done;
}

ssize_t __wrap_sendmsg(int fd, const msghdr *message, int flags)
{
    if (fails(ENOBUFS))
        return -1;
    point();
    const ssize_t done = __real_sendmsg(fd, message, flags);
    point();
    return done;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
    if (fails(EPIPE))
        return -1;
    point();
    const ssize_t done = __real_send(fd, bytes, size, flags);
    point();
    return done;
}

pid_t __wrap_fork()
{
    return fails(EAGAIN) ? -1 : __real_fork();
}

int __wrap_socketpair(int domain, int type, int protocol, int *ends)
{
    return fails(EMFILE) ? -1 : __real_socketpair(domain, type, protocol, ends);
}

int __wrap_pipe2(int *ends, int flags)
{
    return fails(EMFILE) ? -1 : __real_pipe2(ends, flags);
}

int __wrap_open(const char *path, int flags, ...)
{
    if (fails(EMFILE))
        return -1;
    va_list arguments;
    va_start(arguments, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, unsigned) : 0U;
    va_end(arguments);
    return __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    if (fails(EMFILE))
        return -1;
    va_list arguments;
    va_start(arguments, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, unsigned) : 0U;
    va_end(arguments);
    return __real_openat(folder, path, flags, mode);
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
