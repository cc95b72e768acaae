// SPDX-License-Identifier: GPL-2.0-or-later
// qrexec-client-vm: calls a service of another qube. Its options, its way of starting a local program and its
// exit codes are those of qubes-core-qrexec's agent/qrexec-client-vm.c.
#include "dataprocess.h"
#include "rpcservice.h"
#include "vchan.h"
#include "wire.h"

#include <getopt.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int vchanTimeoutSeconds = 120;

[[noreturn]] void usage(const char *name)
{
    std::fprintf(stderr,
                 "usage: %s [options] target_vmname program_ident [local_program [local program arguments]]\n"
                 "Options:\n"
                 "  --buffer-size=BUFFER_SIZE - minimum vchan buffer size (default: 64k)\n"
                 "  -t, --filter-escape-chars-stdout - filter non-ASCII and control characters on stdout (default if "
                 "stdout is a terminal)\n"
                 "  -T, --filter-escape-chars-stderr - filter non-ASCII and control characters on stderr (default if "
                 "stderr is a terminal)\n"
                 "  --no-filter-escape-chars-stdout - opposite to --filter-escape-chars-stdout\n"
                 "  --no-filter-escape-chars-stderr - opposite to --filter-escape-chars-stderr\n"
                 "  --agent-socket=PATH - path to connect to, default: /var/run/qubes/qrexec-agent\n"
                 "  --use-stdin-socket - use fd 0 (which must be socket) for both stdin and stdout\n",
                 name);
    std::exit(2);
}

struct Options
{
    std::string agentSocket = "/var/run/qubes/qrexec-agent";
    std::size_t ring = lab::Vchan::defaultRing;
    int filterStdout = -1;
    int filterStderr = -1;
    bool useStdinSocket = false;
    std::string target;
    std::string service;
    char **local = nullptr;
};

Options parse(int argc, char **argv)
{
    Options options;
    enum { NoStdout = 256, NoStderr, Help };
    const option longOptions[] = {{"buffer-size", required_argument, nullptr, 'b'},
                                  {"filter-escape-chars-stdout", no_argument, nullptr, 't'},
                                  {"filter-escape-chars-stderr", no_argument, nullptr, 'T'},
                                  {"no-filter-escape-chars-stdout", no_argument, nullptr, NoStdout},
                                  {"no-filter-escape-chars-stderr", no_argument, nullptr, NoStderr},
                                  {"agent-socket", required_argument, nullptr, 'a'},
                                  {"use-stdin-socket", no_argument, nullptr, 'u'},
                                  {"help", no_argument, nullptr, Help},
                                  {}};
    for (int got = 0; (got = getopt_long(argc, argv, "+tTa:", longOptions, nullptr)) != -1;) {
        switch (got) {
        case 'b':
            options.ring = std::strtoul(optarg, nullptr, 10);
            if (options.ring == 0)
                options.ring = lab::Vchan::defaultRing;
            break;
        case 't':
            options.filterStdout = 1;
            break;
        case 'T':
            options.filterStderr = 1;
            break;
        case NoStdout:
            options.filterStdout = 0;
            break;
        case NoStderr:
            options.filterStderr = 0;
            break;
        case 'a':
            options.agentSocket = optarg;
            break;
        case 'u':
            options.useStdinSocket = true;
            break;
        default:
            usage(argv[0]);
        }
    }
    if (argc - optind < 2)
        usage(argv[0]);
    options.target = argv[optind];
    options.service = argv[optind + 1];
    if (argc - optind > 2)
        options.local = argv + optind + 2;
    return options;
}

void requireStdinSocket(const Options &options)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (options.local != nullptr) {
        std::fprintf(stderr, "cannot use --use-stdin-socket together with a local program\n");
        std::exit(2);
    }
    if (::getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
        std::fprintf(stderr, "--use-stdin-socket: fd 0 is not a stream socket\n");
        std::exit(2);
    }
}

struct Local
{
    pid_t pid = 0;
    lab::UniqueFd stdinFd;
    lab::UniqueFd stdoutFd;
};

// The local program inherits everything that this process has, with copies of its FD 0 and 1 named in
// SAVED_FD_0 and SAVED_FD_1, and runs with SIGPIPE ignored.
Local startLocal(char **argv, int triggerFd)
{
    int in[2];
    int out[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, in) != 0 || ::socketpair(AF_UNIX, SOCK_STREAM, 0, out) != 0) {
        std::perror("socketpair");
        std::exit(1);
    }
    lab::installSignals(true);
    ::setenv("QREXEC_AGENT_PID", std::to_string(::getpid()).c_str(), 1);
    const pid_t pid = ::fork();
    if (pid < 0) {
        std::perror("fork");
        std::exit(1);
    }
    if (pid == 0) {
        ::close(in[1]);
        ::close(out[0]);
        ::close(triggerFd);
        for (int fd = 0; fd < 3; ++fd) {
            if (fd == 2 && std::getenv("PASS_LOCAL_STDERR") == nullptr)
                continue;
            ::setenv(("SAVED_FD_" + std::to_string(fd)).c_str(), std::to_string(::dup(fd)).c_str(), 1);
        }
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        ::close(in[0]);
        ::close(out[1]);
        const std::string path = argv[0];
        char *slash = std::strrchr(argv[0], '/');
        if (slash != nullptr)
            argv[0] = slash + 1;
        ::execv(path.c_str(), argv);
        std::perror("execv");
        ::_exit(255);
    }
    ::close(in[0]);
    ::close(out[1]);
    return {pid, lab::UniqueFd(in[1]), lab::UniqueFd(out[0])};
}

} // namespace

int main(int argc, char **argv)
{
    Options options = parse(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);
    for (char &c : options.target) {
        if (c == '$')
            c = '@';
    }
    if (options.target.size() > 63 || options.service.size() > 65000) {
        std::fprintf(stderr, "Request refused\n");
        return lab::exitRefused;
    }
    lab::UniqueFd trigger = lab::connectUnix(options.agentSocket);
    const auto greeting = trigger ? lab::readLine(trigger.get(), -1) : std::nullopt;
    if (!greeting || greeting->size() != 4) {
        std::perror("connect");
        return 1;
    }
    const std::string broker = greeting->at(1);
    if (options.useStdinSocket) {
        if (greeting->at(3) == "old") {
            std::fprintf(stderr, "%s: unrecognized option '--use-stdin-socket'\n", argv[0]);
            usage(argv[0]);
        }
        requireStdinSocket(options);
    }
    if (!lab::writeLine(trigger.get(), {"trigger", options.target, options.service})) {
        std::perror("write(command) to agent");
        return 1;
    }
    const auto answer = lab::readLine(trigger.get(), -1);
    if (!answer || answer->size() != 2) {
        std::fprintf(stderr, "Request refused\n");
        return lab::exitRefused;
    }

    lab::DataProcess::Setup setup;
    setup.injection = lab::Injection::read(greeting->at(2), lab::Injection::Side::Caller, options.service);
    setup.filterStdout =
        options.local == nullptr && (options.filterStdout < 0 ? ::isatty(1) != 0 : options.filterStdout > 0);
    setup.filterStderr = options.filterStderr < 0 ? ::isatty(2) != 0 : options.filterStderr > 0;
    Local local;
    if (options.local != nullptr) {
        local = startLocal(options.local, trigger.get());
        setup.localPid = local.pid;
        setup.stdinFd = local.stdinFd.get();
        setup.stdoutFd = local.stdoutFd.get();
    } else {
        lab::installSignals(true);
        setup.stdinFd = options.useStdinSocket ? 0 : 1;
        setup.stdoutFd = 0;
    }
    const auto vchan = lab::Vchan::open(broker, answer->at(1), lab::Vchan::Role::Server, options.ring,
                                        vchanTimeoutSeconds, setup.injection.vchanEintrFails);
    if (!vchan) {
        std::fprintf(stderr, "Data vchan connection failed\n");
        return 1;
    }
    lab::DataProcess process(*vchan, setup);
    if (!process.handshake())
        return 1;
    return process.run();
}
