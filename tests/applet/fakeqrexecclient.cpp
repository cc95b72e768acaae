// SPDX-License-Identifier: GPL-2.0-or-later
// Stand-in for qrexec-client-vm in a GUI domain: reads all of its input, then makes the call at a FakeQubesd, as qrexec
// and dom0's socket service do. Usage: fakeqrexecclient SOCKET [--refuse NAME]... [--exit CODE] -- DESTINATION
// METHOD+ARGUMENT
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

constexpr int refused = 126;
constexpr int unreachable = 1;

bool sendAll(int descriptor, const std::string &bytes)
{
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t done = ::send(descriptor, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        sent += static_cast<std::size_t>(done);
    }
    return true;
}

/// Everything there is to read from `from`, to `sink`.
template <typename Sink>
void drain(int from, Sink sink)
{
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(from, buffer, sizeof buffer);
        if (got <= 0)
            return;
        sink(std::string(buffer, static_cast<std::size_t>(got)));
    }
}

} // namespace

int main(int argc, char **argv)
{
    std::string destination;
    std::string service;
    bool isRefused = false;
    for (int i = 2; i < argc; ++i) {
        if (std::strcmp(argv[i], "--") == 0 && i + 2 < argc) {
            destination = argv[i + 1];
            service = argv[i + 2];
        }
    }
    for (int i = 2; i + 1 < argc; ++i)
        isRefused = isRefused || (std::strcmp(argv[i], "--refuse") == 0 &&
                                  (destination == argv[i + 1] || service.rfind(argv[i + 1], 0) == 0));

    int exitCode = 0;
    for (int i = 2; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "--exit") == 0)
            exitCode = std::atoi(argv[i + 1]);
    }

    std::string input;
    drain(STDIN_FILENO, [&](const std::string &bytes) { input += bytes; });
    if (isRefused) {
        std::fputs("Request refused\n", stderr);
        return refused;
    }
    if (exitCode != 0) {
        std::fputs("Something broke\n", stderr);
        return exitCode;
    }
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    if (::connect(descriptor, static_cast<const sockaddr *>(static_cast<const void *>(&address)), sizeof address) !=
        0) {
        std::fputs("Cannot connect to the qrexec agent\n", stderr);
        return unreachable;
    }
    sendAll(descriptor, service + " sys-gui " + (destination == "dom0" ? "keyword adminvm" : "name " + destination) +
                            std::string(1, '\0') + input);
    ::shutdown(descriptor, SHUT_WR);
    drain(descriptor, [](const std::string &bytes) {
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        std::fflush(stdout);
    });
    ::close(descriptor);
    return 0;
}
