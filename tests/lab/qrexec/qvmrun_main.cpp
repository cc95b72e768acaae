// SPDX-License-Identifier: GPL-2.0-or-later
// qvm-run: the part of qubes-core-admin-client's command that the lab needs.
#include "dom0call.h"

#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

int usage(const char *name)
{
    std::fprintf(stderr,
                 "usage: %s [-p] [-u USER] [-a] [-q] [--service] [--no-gui] [--filter-escape-chars] "
                 "[--no-filter-escape-chars] [--] VMNAME COMMAND [ARGS...]\n",
                 name);
    return 2;
}

} // namespace

int main(int argc, char **argv)
{
    enum { Service = 256, Ignored, Filter, NoFilter, Dispvm };
    const option options[] = {{"pass-io", no_argument, nullptr, 'p'},
                              {"user", required_argument, nullptr, 'u'},
                              {"autostart", no_argument, nullptr, 'a'},
                              {"auto", no_argument, nullptr, 'a'},
                              {"quiet", no_argument, nullptr, 'q'},
                              {"verbose", no_argument, nullptr, 'v'},
                              {"service", no_argument, nullptr, Service},
                              {"no-gui", no_argument, nullptr, Ignored},
                              {"gui", no_argument, nullptr, Ignored},
                              {"no-autostart", no_argument, nullptr, Ignored},
                              {"no-auto", no_argument, nullptr, Ignored},
                              {"filter-escape-chars", no_argument, nullptr, Filter},
                              {"no-filter-escape-chars", no_argument, nullptr, NoFilter},
                              {"help", no_argument, nullptr, 'h'},
                              {}};
    bool passIo = false;
    bool service = false;
    int filter = -1;
    std::string user = "DEFAULT";
    for (int got = 0; (got = getopt_long(argc, argv, "+pu:aqvnh", options, nullptr)) != -1;) {
        switch (got) {
        case 'p':
            passIo = true;
            break;
        case 'u':
            user = optarg;
            break;
        case Service:
            service = true;
            break;
        case Filter:
            filter = 1;
            break;
        case NoFilter:
            filter = 0;
            break;
        case 'a':
        case 'q':
        case 'v':
        case 'n':
        case Ignored:
            break;
        default:
            return usage(argv[0]);
        }
    }
    if (argc - optind < 2)
        return usage(argv[0]);
    lab::Dom0Call call;
    call.qube = argv[optind];
    std::string command = argv[optind + 1];
    for (int i = optind + 2; i < argc; ++i)
        command += std::string(" ") + argv[i];
    if (service)
        command = "QUBESRPC " + command + " dom0";
    call.command = user + ":" + command;
    call.filterStdout = filter > 0 || (filter < 0 && ::isatty(1) != 0);
    call.filterStderr = filter > 0 || (filter < 0 && ::isatty(2) != 0);
    if (!passIo) {
        // Without -p the command's input and output go nowhere; its exit code still counts.
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int fd = 0; fd < 3; ++fd)
            ::dup2(null, fd);
    }
    return lab::makeCall(call);
}
