// SPDX-License-Identifier: GPL-2.0-or-later
// lab-probe: a service or local program for the tests, which does what its arguments say, one after the other, and
// writes what it sees to the file named first, a line each. Written in C++ because the races are about microseconds.
#include "wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

std::FILE *report = nullptr;

int number(const Words &words, std::size_t index)
{
    return std::atoi(words.at(index).c_str());
}

int elapsedMs(Clock::time_point since)
{
    return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count());
}

void tell(const char *name, const std::string &value)
{
    std::fprintf(report, "%s=%s\n", name, value.c_str());
    std::fflush(report);
}

const char *errorName(int error)
{
    switch (error) {
    case 0:
        return "OK";
    case EPIPE:
        return "EPIPE";
    case EPERM:
        return "EPERM";
    case ENXIO:
        return "ENXIO";
    case EAGAIN:
        return "EAGAIN";
    case ESRCH:
        return "ESRCH";
    default:
        return std::strerror(error);
    }
}

void signalAgent(const char *name, int signal)
{
    const char *pid = std::getenv("QREXEC_AGENT_PID");
    if (pid == nullptr || ::kill(std::atoi(pid), signal) != 0)
        tell(name, errorName(pid == nullptr ? ESRCH : errno));
}

// Returns when the agent has really stopped: until then its ppoll may still notice what comes.
void stopAgent()
{
    signalAgent("stop", SIGSTOP);
    const std::string stat = std::string("/proc/") + std::getenv("QREXEC_AGENT_PID") + "/stat";
    const auto start = Clock::now();
    while (lab::readFile(stat).value_or("").find(") T ") == std::string::npos && elapsedMs(start) < 10000)
        ::usleep(100);
}

// One line for each descriptor from 0 on: kind, access mode, flags, sizes.
void describeFds()
{
    std::vector<int> fds;
    DIR *dir = ::opendir("/proc/self/fd");
    while (const dirent *entry = ::readdir(dir)) {
        const int fd = std::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != ::dirfd(dir) && fd != ::fileno(report))
            fds.push_back(fd);
    }
    ::closedir(dir);
    std::sort(fds.begin(), fds.end());
    for (const int fd : fds) {
        struct stat info = {};
        ::fstat(fd, &info);
        const int flags = ::fcntl(fd, F_GETFL);
        int type = 0;
        int buffer = 0;
        int domain = 0;
        socklen_t size = sizeof type;
        ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
        ::getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, &size);
        ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
        std::string what = S_ISSOCK(info.st_mode) ? "socket" : S_ISFIFO(info.st_mode) ? "pipe" : "other";
        if (S_ISSOCK(info.st_mode))
            what += std::string(domain == AF_UNIX ? " unix" : " inet") + (type == SOCK_STREAM ? " stream" : " ?") +
                    " sndbuf " + std::to_string(buffer);
        else if (S_ISFIFO(info.st_mode))
            what += " size " + std::to_string(::fcntl(fd, F_GETPIPE_SZ));
        what += (flags & O_ACCMODE) == O_RDWR ? " rw" : (flags & O_ACCMODE) == O_WRONLY ? " w" : " r";
        what += (flags & O_NONBLOCK) != 0 ? " nonblocking" : " blocking";
        what += " inode " + std::to_string(info.st_ino);
        tell(("fd" + std::to_string(fd)).c_str(), what);
    }
}

void describeSignals()
{
    struct sigaction action = {};
    ::sigaction(SIGPIPE, nullptr, &action);
    tell("sigpipe", action.sa_handler == SIG_IGN ? "ignored" : action.sa_handler == SIG_DFL ? "default" : "caught");
    sigset_t mask;
    ::sigprocmask(SIG_BLOCK, nullptr, &mask);
    int blocked = 0;
    for (int signal = 1; signal < 32; ++signal)
        blocked += ::sigismember(&mask, signal);
    tell("blocked", std::to_string(blocked));
}

void describeProcess()
{
    tell("pid", std::to_string(::getpid()));
    tell("ppid", std::to_string(::getppid()));
    tell("sid", std::to_string(::getsid(0)));
    tell("uid", std::to_string(::getuid()));
    char folder[4096];
    tell("cwd", ::getcwd(folder, sizeof folder) != nullptr ? folder : "?");
}

// Reads until EOF or, with a limit, that many bytes; tells their number and a sum that depends on their order.
void readBytes(int fd, long limit)
{
    unsigned long sum = 5381;
    long total = 0;
    char chunk[65536];
    while (limit < 0 || total < limit) {
        const std::size_t want =
            limit < 0 ? sizeof chunk : std::min<std::size_t>(sizeof chunk, static_cast<std::size_t>(limit - total));
        const ssize_t got = ::read(fd, chunk, want);
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got; ++i)
            sum = (sum * 33 + static_cast<unsigned char>(chunk[i])) & 0xffffffff;
        total += got;
    }
    tell("read", std::to_string(total));
    tell("sum", std::to_string(sum));
}

// The same bytes on every side: byte i of the stream is (i * 7 + i / 251) mod 256.
void writePattern(int fd, long total)
{
    std::vector<char> chunk(65536);
    long at = 0;
    while (at < total) {
        const long part = std::min<long>(static_cast<long>(chunk.size()), total - at);
        for (long i = 0; i < part; ++i)
            chunk[static_cast<std::size_t>(i)] = static_cast<char>((at + i) * 7 + (at + i) / 251);
        if (!lab::writeAll(fd, chunk.data(), static_cast<std::size_t>(part))) {
            tell("pattern", errorName(errno));
            return;
        }
        at += part;
    }
}

// Whether the agent has switched to one socket: it has shut down its end of our FD 1.
void awaitSwitch(int limitMs)
{
    const auto start = Clock::now();
    while (elapsedMs(start) < limitMs) {
        if (::send(1, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
            tell("ack", errorName(errno));
            tell("ackms", std::to_string(elapsedMs(start)));
            return;
        }
        ::usleep(50);
    }
    tell("ack", "none");
}

// A child that keeps only one descriptor for a while, and writes a word to it at the end if asked.
void holdInChild(int fd, int milliseconds, const std::string &word)
{
    if (::fork() != 0)
        return;
    for (int other = 0; other < 1024; ++other) {
        if (other != fd)
            ::close(other);
    }
    ::usleep(static_cast<useconds_t>(milliseconds) * 1000);
    if (!word.empty() && ::write(fd, word.data(), word.size()) < 0)
        ::_exit(1);
    ::_exit(0);
}

// Like the one above, but reads its descriptor to the end, tells when that came and then keeps it for a while.
void readInChild(int fd, int keepMs)
{
    const auto start = Clock::now();
    if (::fork() != 0)
        return;
    for (int other = 0; other < 1024; ++other) {
        if (other != fd && other != ::fileno(report))
            ::close(other);
    }
    readBytes(fd, -1);
    tell("childeofms", std::to_string(elapsedMs(start)));
    ::usleep(static_cast<useconds_t>(keepMs) * 1000);
    ::_exit(0);
}

void exchange(int fd, long total)
{
    const pid_t writer = ::fork();
    if (writer == 0) {
        writePattern(fd, total);
        ::_exit(0);
    }
    readBytes(fd, total);
    while (::waitpid(writer, nullptr, 0) < 0 && errno == EINTR) {
    }
}

const std::map<std::string, std::function<void(const Words &)>> actions{
    {"usr1", [](const Words &) { signalAgent("usr1", SIGUSR1); }},
    {"chld", [](const Words &) { signalAgent("chld", SIGCHLD); }},
    {"stop-agent", [](const Words &) { stopAgent(); }},
    {"cont-agent", [](const Words &) { signalAgent("cont", SIGCONT); }},
    {"fds", [](const Words &) { describeFds(); }},
    {"signals", [](const Words &) { describeSignals(); }},
    {"process", [](const Words &) { describeProcess(); }},
    {"env",
     [](const Words &) {
         for (char **at = environ; *at != nullptr; ++at)
             tell("env", *at);
     }},
    {"close", [](const Words &words) { ::close(number(words, 1)); }},
    {"shutdown", [](const Words &words) { ::shutdown(number(words, 1), SHUT_WR); }},
    {"nonblock", [](const Words &words) { lab::setNonBlocking(number(words, 1), true); }},
    {"write",
     [](const Words &words) {
         const std::string text = words.at(2) + "\n";
         const ssize_t done = ::write(number(words, 1), text.data(), text.size());
         tell("write", done < 0 ? errorName(errno) : "OK");
     }},
    {"pattern", [](const Words &words) { writePattern(number(words, 1), std::atol(words.at(2).c_str())); }},
    {"small-writes",
     [](const Words &words) {
         // How many writes of so many bytes fit before a blocking writer would block.
         const std::string piece(static_cast<std::size_t>(number(words, 2)), 'x');
         int count = 0;
         while (::send(number(words, 1), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
             ++count;
         tell("fit", std::to_string(count));
     }},
    {"read", [](const Words &words) { readBytes(number(words, 1), std::atol(words.at(2).c_str())); }},
    {"read-all", [](const Words &words) { readBytes(number(words, 1), -1); }},
    {"exchange", [](const Words &words) { exchange(number(words, 1), std::atol(words.at(2).c_str())); }},
    {"ping",
     [](const Words &words) {
         // Bounces single bytes: as many as asked.
         const int fd = number(words, 1);
         char c = 0;
         for (int i = 0; i < number(words, 2) && ::read(fd, &c, 1) == 1; ++i) {
             if (::write(fd, &c, 1) != 1)
                 break;
         }
     }},
    {"pong",
     [](const Words &words) {
         const int fd = number(words, 1);
         const int rounds = number(words, 2);
         const auto start = Clock::now();
         char c = 'p';
         int done = 0;
         while (done < rounds && ::write(fd, &c, 1) == 1 && ::read(fd, &c, 1) == 1)
             ++done;
         tell("rounds", std::to_string(done));
         tell("roundms", std::to_string(elapsedMs(start)));
     }},
    {"line",
     [](const Words &words) {
         std::string line;
         char c = 0;
         while (::read(number(words, 1), &c, 1) == 1 && c != '\n')
             line += c;
         tell("line", line);
     }},
    {"ack", [](const Words &words) { awaitSwitch(number(words, 1)); }},
    {"probe1",
     [](const Words &) {
         const ssize_t done = ::send(1, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT);
         tell("probe1", done == 0 ? "0" : errorName(errno));
     }},
    {"hold",
     [](const Words &words) { holdInChild(number(words, 1), number(words, 2), words.size() > 3 ? words.at(3) : ""); }},
    {"read-in-child", [](const Words &words) { readInChild(number(words, 1), number(words, 2)); }},
    {"await-hup",
     [](const Words &words) {
         pollfd waiting{number(words, 1), POLLRDHUP, 0};
         const int ready = ::poll(&waiting, 1, number(words, 2));
         tell("hup", ready > 0 ? "yes" : "no");
     }},
    {"reopen",
     [](const Words &words) {
         const std::string path = "/proc/" + words.at(1) + "/fd/" + words.at(2);
         const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
         tell("reopen", fd >= 0 ? "OK" : errorName(errno));
     }},
    {"wait-file",
     [](const Words &words) {
         // An event from the test: the file appears. A bounded wait, so that a failed test leaves nothing.
         for (int i = 0; i < 3000 && ::access(words.at(1).c_str(), F_OK) != 0; ++i)
             ::usleep(10000);
     }},
    {"touch", [](const Words &words) { ::close(::open(words.at(1).c_str(), O_CREAT | O_WRONLY, 0644)); }},
    {"sleep", [](const Words &words) { ::usleep(static_cast<useconds_t>(number(words, 1)) * 1000); }},
    {"tell", [](const Words &words) { tell("tell", words.at(1)); }},
    {"kill-self", [](const Words &words) { ::kill(::getpid(), number(words, 1)); }},
    {"exit", [](const Words &words) { ::_exit(number(words, 1)); }},
};

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "usage: lab-probe REPORTFILE ACTION[,ARGUMENT...] ...\n");
        return 2;
    }
    report = std::fopen(argv[1], "ae");
    if (report == nullptr)
        return 2;
    for (int i = 2; i < argc; ++i) {
        Words words(1);
        for (const char *at = argv[i]; *at != 0; ++at) {
            if (*at == ',')
                words.emplace_back();
            else
                words.back() += *at;
        }
        const auto action = actions.find(words[0]);
        if (action == actions.end()) {
            tell("unknown", words[0]);
            return 2;
        }
        action->second(words);
    }
    tell("done", "1");
    return 0;
}
