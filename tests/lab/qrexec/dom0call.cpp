// SPDX-License-Identifier: GPL-2.0-or-later
#include "dom0call.h"

#include "childprocess.h"
#include "rpcservice.h"
#include "vchan.h"
#include "wire.h"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace lab {

namespace {

// dom0's local program: the two socketpairs, stderr inherited, no QREXEC_AGENT_PID and nobody who obeys SIGUSR1.
pid_t startLocal(const Dom0Call &call, DataProcess::Setup &setup)
{
    int in[2];
    int out[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 ||
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) != 0)
        return -1;
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::signal(SIGPIPE, SIG_DFL);
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        closeFrom(3);
        ::setenv("QREXEC_REMOTE_DOMAIN", call.qube.c_str(), 1);
        ::execl("/bin/bash", "bash", "-c", call.localCommand.c_str(), static_cast<char *>(nullptr));
        ::_exit(exitProblem);
    }
    ::close(in[0]);
    ::close(out[1]);
    setup.stdinFd = in[1];
    setup.stdoutFd = out[0];
    return pid;
}

} // namespace

int makeCall(const Dom0Call &call)
{
    std::signal(SIGPIPE, SIG_IGN);
    const char *folder = std::getenv("QUBES_LAB_DIR");
    if (folder == nullptr) {
        std::fprintf(stderr, "QUBES_LAB_DIR is not set\n");
        return 1;
    }
    const std::string dir = folder;
    LineBuffer portLine;
    const std::string portText = readFile(dir + "/broker.port").value_or("");
    portLine.append(portText.data(), portText.size());
    const auto port = portLine.next();
    UniqueFd control = connectUnix(dir + "/broker.sock");
    if (!port || !control ||
        !writeLine(control.get(), {"call", call.qube, call.command, call.justExecute ? "nowait" : "wait"})) {
        std::perror("connect");
        return 1;
    }
    const auto answer = readLine(control.get(), -1);
    if (!answer || answer->size() < 2 || answer->front() != "ok") {
        std::fprintf(stderr, "connect: %s\n", answer && answer->size() == 3 ? answer->at(2).c_str() : "no answer");
        return 1;
    }
    installSignals(false);
    DataProcess::Setup setup;
    setup.obeysUsr1 = false;
    setup.filterStdout = call.filterStdout;
    setup.filterStderr = call.filterStderr;
    setup.stdinFd = call.useStdinSocket ? 0 : 1;
    setup.stdoutFd = 0;
    if (!call.localCommand.empty()) {
        setup.localPid = startLocal(call, setup);
        if (setup.localPid < 0)
            return 1;
    }
    const auto vchan = Vchan::open("127.0.0.1:" + port->at(0), answer->at(1), Vchan::Role::Server, Vchan::defaultRing,
                                   call.connectionTimeoutSeconds, false);
    if (!vchan) {
        std::fprintf(stderr, "qrexec connection timeout\n");
        return 1;
    }
    DataProcess process(*vchan, setup);
    return process.handshake() ? process.run() : 1;
}

} // namespace lab
