// SPDX-License-Identifier: GPL-2.0-or-later
#include "forked.h"

#include "base/deadline.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>

namespace {

bool readable(int fd, std::chrono::milliseconds limit)
{
    pollfd entry{fd, POLLIN, 0};
    return poll(&entry, 1, static_cast<int>(limit.count())) == 1;
}

} // namespace

std::pair<engine::UniqueFd, engine::UniqueFd> socketPair()
{
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    return {engine::UniqueFd(ends[0]), engine::UniqueFd(ends[1])};
}

Bell::Bell()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    m_heard = engine::UniqueFd(ends[0]);
    m_rung = engine::UniqueFd(ends[1]);
}

void Bell::ring() const
{
    if (::write(m_rung.get(), "!", 1) != 1)
        throw std::system_error(errno, std::generic_category(), "bell");
}

bool Bell::heard(std::chrono::milliseconds limit) const
{
    char byte = 0;
    return readable(m_heard.get(), limit) && ::read(m_heard.get(), &byte, 1) == 1;
}

Forked::Forked(const std::function<int()> &work)
    : m_pid(fork())
{
    if (m_pid < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (m_pid == 0) {
        for (int number = 1; number < NSIG; ++number)
            std::signal(number, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        _exit(work());
    }
    m_end = engine::UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, m_pid, 0)));
}

Forked::~Forked()
{
    killHard();
}

void Forked::killHard()
{
    if (m_code >= 0)
        return;
    ::kill(m_pid, SIGKILL);
    wait();
}

int Forked::wait(std::chrono::milliseconds limit)
{
    if (m_code >= 0 || !readable(m_end.get(), limit))
        return m_code;
    int status = 0;
    if (waitpid(m_pid, &status, 0) == m_pid)
        m_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return m_code;
}

bool becomesTrue(const std::function<bool()> &condition, std::chrono::milliseconds limit)
{
    const engine::Deadline deadline(limit);
    while (!condition()) {
        if (deadline.passed())
            return false;
        poll(nullptr, 0, 2);
    }
    return true;
}
