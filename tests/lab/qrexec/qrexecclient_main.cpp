// SPDX-License-Identifier: GPL-2.0-or-later
// qrexec-client: dom0's way to run a command or service in a qube.
#include "dom0call.h"

#include <getopt.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

int usage(const char *name)
{
    std::fprintf(stderr,
                 "usage: %s [-w timeout] [-W] [-t] [-T] [-e] [-l local_prog] [--use-stdin-socket] -d domain_name "
                 "remote_cmdline\n"
                 "  -e exit after sending cmd, -t/-T replace control characters in stdout/stderr\n"
                 "  -w timeout: connection timeout in seconds (10; 0: none), -W: wait for the end (always so)\n"
                 "  remote_cmdline: user:command, or user:QUBESRPC SERVICE+ARG SOURCE\n",
                 name);
    return 1;
}

} // namespace

int main(int argc, char **argv)
{
    lab::Dom0Call call;
    const option options[] = {{"use-stdin-socket", no_argument, nullptr, 'S'}, {"help", no_argument, nullptr, 'h'}, {}};
    for (int got = 0; (got = getopt_long(argc, argv, "hd:l:eEtTw:W", options, nullptr)) != -1;) {
        switch (got) {
        case 'd':
            call.qube = optarg;
            break;
        case 'l':
            call.localCommand = optarg;
            break;
        case 'e':
            call.justExecute = true;
            break;
        case 't':
            call.filterStdout = true;
            break;
        case 'T':
            call.filterStderr = true;
            break;
        case 'w':
            call.connectionTimeoutSeconds = std::atoi(optarg);
            break;
        case 'S':
            call.useStdinSocket = true;
            break;
        case 'W':
        case 'E':
            break;
        default:
            return usage(argv[0]);
        }
    }
    if (call.qube.empty() || optind + 1 != argc)
        return usage(argv[0]);
    call.command = argv[optind];
    if (std::strchr(argv[optind], ':') == nullptr) {
        std::fprintf(stderr, "no user in the command\n");
        return usage(argv[0]);
    }
    int type = 0;
    socklen_t size = sizeof type;
    if (call.useStdinSocket && (!call.localCommand.empty() || ::getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
                                type != SOCK_STREAM)) {
        std::fprintf(stderr, "--use-stdin-socket needs a stream socket as stdin and no local program\n");
        return 2;
    }
    return lab::makeCall(call);
}
