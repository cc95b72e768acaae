// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/lifeline.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace engine {

namespace {

/// The child: waits for a byte (all is well) or the end of the parent.
[[noreturn]] void watchOver(int pipe, const std::function<void()> &cleanUp)
{
    prctl(PR_SET_NAME, "usb-lifeline");
    setsid();
    // Signals stay blocked as they were in the parent: only SIGKILL ends it early.
    const int null = ::open("/dev/null", O_RDWR);
    const int kept = fcntl(pipe, F_DUPFD_CLOEXEC, 64);
    for (int fd = 0; fd < 3; ++fd)
        dup2(null, fd);
    dup2(kept, 3);
    close_range(4, ~0U, 0);
    char byte = 0;
    ssize_t got = 0;
    do
        got = ::read(3, &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        cleanUp();
    _exit(0);
}

} // namespace

Lifeline::Lifeline(std::function<void()> cleanUp)
    : m_cleanUp(std::move(cleanUp))
{
    // Without a child all works but the clean-up after our own death, so a failure is not one of the caller.
    static_cast<void>(renew());
}

Lifeline::~Lifeline()
{
    if (m_pipe)
        static_cast<void>(::write(m_pipe.get(), "x", 1) == 1);
    reap();
}

void Lifeline::reap()
{
    m_pipe.reset();
    if (m_child > 0)
        waitpid(m_child, nullptr, 0);
    m_child = -1;
    m_endFd.reset();
}

Result<void> Lifeline::renew()
{
    reap();
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return systemError("cannot make a pipe", errno);
    const UniqueFd readEnd(ends[0]);
    m_pipe = UniqueFd(ends[1]);
    m_child = fork();
    if (m_child < 0)
        return systemError("cannot fork", errno);
    if (m_child == 0)
        watchOver(readEnd.get(), m_cleanUp);
    m_endFd = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, m_child, 0)));
    return {};
}

} // namespace engine
