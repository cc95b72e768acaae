// SPDX-License-Identifier: GPL-2.0-or-later
// lab-qrexec-agent: the stand-in for qrexec-agent in a qube of the lab.
#include "agent.h"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>

namespace {

void usage(std::FILE *to)
{
    std::fputs("usage: lab-qrexec-agent --qube NAME --connect HOST:PORT [--root DIR] [--old-qrexec] [--dom0]\n"
               "                        [--no-machine-link]\n"
               "  --root DIR          prefix of all paths (services, configuration, sockets, logs)\n"
               "  --old-qrexec        as a release without qrexec-client-vm --use-stdin-socket\n"
               "  --dom0              serve calls to dom0: no SIGUSR1, stderr to a log file\n"
               "  --no-machine-link   do not start the process whose end means that the machine is gone\n",
               to);
}

} // namespace

int main(int argc, char **argv)
{
    lab::AgentConfig config;
    enum { Qube = 256, Connect, Root, Old, Dom0, NoLink, Help };
    const option options[] = {
        {"qube", required_argument, nullptr, Qube}, {"connect", required_argument, nullptr, Connect},
        {"root", required_argument, nullptr, Root}, {"old-qrexec", no_argument, nullptr, Old},
        {"dom0", no_argument, nullptr, Dom0},       {"no-machine-link", no_argument, nullptr, NoLink},
        {"help", no_argument, nullptr, Help},       {}};
    for (int got = 0; (got = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
        switch (got) {
        case Qube:
            config.qube = optarg;
            break;
        case Connect:
            config.broker = optarg;
            break;
        case Root:
            config.root = optarg;
            break;
        case Old:
            config.oldQrexec = true;
            break;
        case Dom0:
            config.isDom0 = true;
            config.machineLink = false;
            break;
        case NoLink:
            config.machineLink = false;
            break;
        case Help:
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    }
    if (config.qube.empty() || config.broker.empty() || optind != argc) {
        usage(stderr);
        return 2;
    }
    return lab::Agent(std::move(config)).run();
}
