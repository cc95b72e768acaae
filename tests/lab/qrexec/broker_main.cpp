// SPDX-License-Identifier: GPL-2.0-or-later
// lab-broker: the lab's stand-in for dom0's half of qrexec and QubesDB.
#include "broker.h"

#include <getopt.h>

#include <cstdio>

namespace {

void usage(std::FILE *to)
{
    std::fputs("usage: lab-broker --dir STATEDIR --policy FILE_OR_DIR [--legacy-policy DIR] [--listen ADDRESS:PORT]\n"
               "                  [--default-user NAME]\n"
               "  STATEDIR/broker.port holds the port once it is ready; STATEDIR/broker.sock, broker.log\n"
               "  --legacy-policy DIR   one file per service, consulted first (default STATEDIR/policy)\n",
               to);
}

} // namespace

int main(int argc, char **argv)
{
    lab::Broker::Config config;
    enum { Dir = 256, PolicyPath, Legacy, Listen, User, Help };
    const option options[] = {{"dir", required_argument, nullptr, Dir},
                              {"policy", required_argument, nullptr, PolicyPath},
                              {"legacy-policy", required_argument, nullptr, Legacy},
                              {"listen", required_argument, nullptr, Listen},
                              {"default-user", required_argument, nullptr, User},
                              {"help", no_argument, nullptr, Help},
                              {}};
    for (int got = 0; (got = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
        switch (got) {
        case Dir:
            config.dir = optarg;
            break;
        case PolicyPath:
            config.policy = optarg;
            break;
        case Legacy:
            config.legacyPolicy = optarg;
            break;
        case Listen:
            config.listen = optarg;
            break;
        case User:
            config.defaultUser = optarg;
            break;
        case Help:
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    }
    if (config.dir.empty() || config.policy.empty() || optind != argc) {
        usage(stderr);
        return 2;
    }
    if (config.legacyPolicy.empty())
        config.legacyPolicy = config.dir + "/policy";
    lab::Broker broker(std::move(config));
    return broker.open() ? broker.run() : 1;
}
