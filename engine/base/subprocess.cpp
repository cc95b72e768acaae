// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/subprocess.h"

#include "base/waiting.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace engine {

namespace {

/// In the child, between fork and exec: only what is safe to call there.
[[noreturn]] void becomeProgram(const std::string &program, char *const *argv, const Launch &launch)
{
    if (launch.ownSession)
        setsid();
    // The descriptors are first moved out of the way of their final numbers.
    const int base = 64;
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    std::array<int, 16> wanted{};
    const std::size_t count = std::min(launch.extra.size() + 3, wanted.size());
    wanted[0] = null;
    wanted[1] = launch.out >= 0 ? launch.out : null;
    wanted[2] = launch.err >= 0 ? launch.err : null;
    for (std::size_t i = 3; i < count; ++i)
        wanted[i] = launch.extra[i - 3];
    for (std::size_t i = 0; i < count; ++i) {
        wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, base);
        if (wanted[i] < 0)
            _exit(255);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (dup2(wanted[i], static_cast<int>(i)) < 0)
            _exit(255);
    }
    close_range(static_cast<unsigned>(count), ~0U, 0);
    for (int number = 1; number < NSIG; ++number)
        std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(program.c_str(), argv, environ);
    // 126 and 127 have a meaning of their own to who waits for us (see explain() in attacher.cpp).
    _exit(255);
}

} // namespace

std::string findProgram(const std::string &name, const std::string &path)
{
    if (name.find('/') != std::string::npos)
        return access(name.c_str(), X_OK) == 0 ? name : std::string();
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        std::string candidate = path.substr(begin, end - begin) + '/' + name;
        if (access(candidate.c_str(), X_OK) == 0)
            return candidate;
        begin = end + 1;
    }
    return {};
}

Result<Subprocess> Subprocess::start(const Launch &launch)
{
    const std::string program = findProgram(launch.argv.front(), launch.path);
    if (program.empty())
        return Error{Fault::Missing, launch.argv.front() + " is not installed", ENOENT};
    std::vector<char *> argv;
    for (const std::string &argument : launch.argv)
        argv.push_back(
            const_cast<char *>(argument.c_str())); // NOLINT(cppcoreguidelines-pro-type-const-cast): execve's type
    argv.push_back(nullptr);

    const pid_t pid = fork();
    if (pid < 0)
        return systemError("cannot start " + program, errno);
    if (pid == 0)
        becomeProgram(program, argv.data(), launch);
    // Our own child, not yet waited for: its number can't belong to another process.
    return Subprocess(pid, UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))));
}

int Subprocess::wait(Deadline deadline)
{
    if (m_code >= 0)
        return m_code;
    std::vector<Watch> watches{{m_endFd.get()}};
    if (!waitForAny(watches, deadline))
        return -1;
    int status = 0;
    if (waitpid(m_pid, &status, 0) != m_pid)
        return -1;
    m_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return m_code;
}

void Subprocess::terminate() const
{
    if (m_code < 0)
        ::kill(m_pid, SIGTERM);
}

void Subprocess::kill() const
{
    if (m_code < 0)
        ::kill(m_pid, SIGKILL);
}

Result<Finished> runProgram(const std::vector<std::string> &argv, Deadline deadline, const std::string &path)
{
    constexpr std::size_t outputLimit = 65536;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return systemError("cannot make a pipe", errno);
    const UniqueFd readEnd(ends[0]);
    UniqueFd writeEnd(ends[1]);
    auto program = Subprocess::start(
        {.argv = argv, .out = writeEnd.get(), .err = -1, .extra = {}, .ownSession = false, .path = path});
    if (!program)
        return program.error();
    writeEnd.reset();

    Finished finished;
    for (;;) {
        std::vector<Watch> watches{{readEnd.get()}};
        if (!waitForAny(watches, deadline))
            break;
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(readEnd.get(), buffer.data(), buffer.size());
        if (got <= 0)
            break;
        const std::size_t room = outputLimit - finished.out.size();
        finished.out.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
    }
    finished.code = program->wait(deadline);
    if (finished.code >= 0)
        return finished;
    program->kill();
    program->wait(Deadline(std::chrono::seconds(5)));
    return Error{Fault::Timeout, argv.front() + " did not end in time"};
}

} // namespace engine
