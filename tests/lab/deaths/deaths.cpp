// SPDX-License-Identifier: GPL-2.0-or-later
// Preloaded into the engine's processes of one connection in a guest of the lab (/etc/ld.so.preload): at the n-th point
// a shell command is run, which kills whom the scenario wants killed. Points are right before and right after each
// change that others see: a write to sysfs or /run, a rename, an unlink, the line to the frontend. What is to be done
// is in /run/lab/death, written before the connection begins: COMMAND-OF-THE-ENGINE POINT SHELL-COMMAND. A connection
// that ends by itself leaves its number of points in /run/lab/points. They are counted from when there is a keeper:
// before that there is nothing to undo.
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Seen by all processes that are forked by the one that qrexec started.
struct Shared
{
    std::atomic<unsigned> points;
    std::atomic<pid_t> keeper;
    pid_t relay;
    unsigned wanted;
    char command[512];
};

Shared *shared = nullptr;

template <typename Function>
Function *next(const char *name)
{
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

void setVariable(const char *name, pid_t pid)
{
    char text[16];
    std::snprintf(text, sizeof text, "%d", pid);
    setenv(name, text, 1);
}

void point()
{
    const int kept = errno;
    if (shared->keeper != 0 && ++shared->points == shared->wanted) {
        // The killed may be who waits here.
        setVariable("RELAY", shared->relay);
        setVariable("KEEPER", shared->keeper);
        char name[] = "sh";
        char option[] = "-c";
        char *arguments[] = {name, option, shared->command, nullptr};
        pid_t shell = -1;
        const int status = posix_spawn(&shell, "/bin/sh", nullptr, nullptr, arguments, environ);
        while (status == 0 && waitpid(shell, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    errno = kept;
}

/// Until a child of the relay says that it is the keeper, or has ended. No point may come before the keeper is known.
void waitForName(pid_t child)
{
    siginfo_t ended{};
    while (shared->keeper == 0 && waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0)
        usleep(1000);
}

/// Whether a file is one that others look at.
bool isSeen(const char *path)
{
    return std::strncmp(path, "/sys/", 5) == 0 || std::strncmp(path, "/run/", 5) == 0;
}

bool isSeen(int fd)
{
    char name[32];
    std::snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    char path[PATH_MAX];
    const ssize_t length = readlink(name, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return isSeen(path);
}

__attribute__((constructor)) void begin()
{
    char line[640] = "";
    char self[64] = "";
    const int plan = open("/run/lab/death", O_RDONLY | O_CLOEXEC);
    const int own = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    const bool isThere =
        plan >= 0 && own >= 0 && read(plan, line, sizeof line - 1) > 0 && read(own, self, sizeof self - 1) > 0;
    close(plan);
    close(own);
    if (!isThere || std::strstr(self, "qubes-usb-engine") == nullptr)
        return;
    char command[16];
    unsigned wanted = 0;
    int at = 0;
    if (std::sscanf(line, "%15s %u %n", command, &wanted, &at) != 2 ||
        std::strcmp(self + std::strlen(self) + 1, command) != 0)
        return;
    void *const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return;
    shared = static_cast<Shared *>(memory);
    shared->relay = getpid();
    shared->wanted = wanted;
    std::snprintf(shared->command, sizeof shared->command, "%s", line + at);
}

__attribute__((destructor)) void end()
{
    if (shared == nullptr || getpid() != shared->relay)
        return;
    std::FILE *const file = std::fopen("/run/lab/points", "we");
    if (file == nullptr)
        return;
    std::fprintf(file, "%u\n", shared->points.load());
    std::fclose(file);
}

} // namespace

extern "C" {

pid_t fork() noexcept
{
    static const auto real = next<pid_t()>("fork");
    const pid_t child = real();
    if (shared != nullptr && child > 0 && getpid() == shared->relay)
        waitForName(child);
    return child;
}

int prctl(int option, ...) noexcept
{
    static const auto real = next<int(int, unsigned long, unsigned long, unsigned long, unsigned long)>("prctl");
    va_list rest;
    va_start(rest, option);
    unsigned long words[4];
    for (unsigned long &word : words)
        word = va_arg(rest, unsigned long);
    va_end(rest);
    if (shared != nullptr && option == PR_SET_NAME &&
        std::strcmp(reinterpret_cast<const char *>(words[0]), "usb-keeper") == 0)
        shared->keeper = getpid();
    return real(option, words[0], words[1], words[2], words[3]);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static const auto real = next<ssize_t(int, const void *, size_t)>("write");
    const bool counts = shared != nullptr && isSeen(fd);
    if (counts)
        point();
    const ssize_t done = real(fd, bytes, size);
    if (counts)
        point();
    return done;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    static const auto real = next<ssize_t(int, const void *, size_t, int)>("send");
    // syslog(3) calls the one in libc, not this one.
    if (shared != nullptr)
        point();
    const ssize_t done = real(fd, bytes, size, flags);
    if (shared != nullptr)
        point();
    return done;
}

int rename(const char *from, const char *to) noexcept
{
    static const auto real = next<int(const char *, const char *)>("rename");
    if (shared != nullptr)
        point();
    const int done = real(from, to);
    if (shared != nullptr)
        point();
    return done;
}

int unlink(const char *path) noexcept
{
    static const auto real = next<int(const char *)>("unlink");
    const bool counts = shared != nullptr && isSeen(path) && access(path, F_OK) == 0;
    if (counts)
        point();
    const int done = real(path);
    if (counts)
        point();
    return done;
}
}
