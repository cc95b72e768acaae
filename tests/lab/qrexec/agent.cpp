// SPDX-License-Identifier: GPL-2.0-or-later
#include "agent.h"

#include "childprocess.h"
#include "dataprocess.h"
#include "inject.h"
#include "rpcservice.h"
#include "vchan.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace lab {

namespace {

volatile std::sig_atomic_t terminateRequested = 0;

void onTerminate(int)
{
    terminateRequested = 1;
}

void onChild(int)
{
}

// Does what logger(1) does, which the real agent starts for each call: where all is emulated, that program's libraries
// would be a quarter of what a call costs.
void logLines(const std::string &tag)
{
    ::openlog(tag.c_str(), 0, LOG_USER | LOG_NOTICE);
    std::string line;
    while (std::getline(std::cin, line))
        ::syslog(LOG_NOTICE, "%s", line.c_str());
}

// Where a service's standard error is kept in its own qube: the system log where there is one, else a file.
UniqueFd openLog(const AgentConfig &config, const std::string &tag)
{
    if (config.root.empty() && ::access("/dev/log", F_OK) == 0) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return UniqueFd();
        // A grandchild, so that the data process has no other child than the service.
        const pid_t between = ::fork();
        if (between == 0) {
            if (::fork() == 0) {
                ::dup2(ends[0], 0);
                closeFrom(3);
                logLines(tag);
            }
            ::_exit(0);
        }
        ::close(ends[0]);
        while (between > 0 && ::waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
        }
        return UniqueFd(ends[1]);
    }
    std::string name = tag;
    for (char &c : name) {
        if (c == '/')
            c = '_';
    }
    const std::string path = config.logFolder() + "/qrexec-" + name.substr(0, 200) + ".log";
    makeParents(path);
    return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

// qubes.WaitForSession gets the user's name; the service runs even when that fails.
void waitForSession(const AgentConfig &config, const Command &command)
{
    Command waiting;
    waiting.service = "qubes.WaitForSession";
    waiting.source = command.source;
    const ServiceFile file = findService(config.root, waiting);
    if (file.kind != ServiceFile::Kind::Executable)
        return;
    waiting.user = "root";
    auto child = spawn(waiting, file.path, {true, false, "/dev/null"});
    if (!child)
        return;
    writeLine(child->stdinFd.get(), {command.user});
    ::shutdown(child->stdinFd.get(), SHUT_WR);
    while (::waitpid(child->pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

// What is to be run for a call, ready for the loop; setup.exitCode is set when that is nothing.
struct Prepared
{
    DataProcess::Setup setup;
    ChildProcess child;
    UniqueFd socket;
    UniqueFd log;
};

void prepare(const AgentConfig &config, const std::string &commandLine, bool nullIo, Prepared &prepared)
{
    DataProcess::Setup &setup = prepared.setup;
    setup.isService = true;
    setup.obeysUsr1 = !config.isDom0;
    auto command = Command::parse(commandLine);
    if (!command) {
        std::fprintf(stderr, "bad command: %s\n", commandLine.c_str());
        setup.exitCode = exitProblem;
        return;
    }
    std::string program;
    std::string tag = "command-dom0";
    if (command->isService()) {
        tag = command->service + "-" + command->source;
        const auto rpc = RpcConfig::load(config.root, *command);
        if (!rpc) {
            setup.exitCode = exitProblem;
            return;
        }
        const ServiceFile file = findService(config.root, *command);
        switch (file.kind) {
        case ServiceFile::Kind::NotFound:
            std::fprintf(stderr, "service %s not found\n", command->service.c_str());
            setup.exitCode = exitNotFound;
            return;
        case ServiceFile::Kind::Unusable:
            std::fprintf(stderr, "service %s is not executable\n", file.path.c_str());
            setup.exitCode = exitProblem;
            return;
        case ServiceFile::Kind::Socket:
        case ServiceFile::Kind::Tcp: {
            prepared.socket = file.kind == ServiceFile::Kind::Tcp ? connectTcp(file.tcp) : connectUnix(file.path);
            if (!prepared.socket) {
                std::fprintf(stderr, "%s: %s\n", file.path.c_str(), std::strerror(errno));
                setup.exitCode = exitProblem;
                return;
            }
            setup.stdinFd = setup.stdoutFd = prepared.socket.get();
            setup.exitOnClientEof = rpc->exitOnClientEof;
            setup.exitOnServiceEof = rpc->exitOnServiceEof;
            if (!rpc->skipServiceDescriptor) {
                setup.stdinPreload = command->service + " " + command->source;
                if (!command->targetType.empty())
                    setup.stdinPreload += " " + command->targetType + " " + command->target;
                setup.stdinPreload += '\0';
            }
            return;
        }
        case ServiceFile::Kind::Executable:
            program = file.path;
            break;
        }
        if (rpc->hasSocketKeys)
            std::fprintf(stderr, "%s: settings of socket services are ignored\n", file.path.c_str());
        if (rpc->forceUser)
            command->user = *rpc->forceUser;
        if (rpc->waitForSession.value_or(false) && !command->nogui)
            waitForSession(config, *command);
    }
    const std::string dom0Log = config.logFolder() + "/qrexec." + command->source + ".log";
    if (config.isDom0)
        makeParents(dom0Log);
    auto child = spawn(*command, program, {config.isDom0, nullIo, dom0Log});
    if (!child || nullIo) {
        setup.exitCode = child ? 0 : exitProblem;
        return;
    }
    prepared.child = std::move(*child);
    setup.localPid = prepared.child.pid;
    setup.stdinFd = prepared.child.stdinFd.get();
    setup.stdoutFd = prepared.child.stdoutFd.get();
    // The loop closes this one itself.
    setup.stderrFd = prepared.child.stderrFd.release();
    if (!config.isDom0) {
        prepared.log = openLog(config, tag);
        setup.logFd = prepared.log.get();
    }
}

} // namespace

int serveCall(const AgentConfig &config, const std::string &call, const std::string &commandLine, bool justExecute)
{
    const auto parsed = Command::parse(commandLine);
    const Injection injection =
        Injection::read(config.injectionFile(), Injection::Side::Service, parsed ? parsed->service : "");
    const auto vchan = Vchan::open(config.broker, call, Vchan::Role::Client, Vchan::defaultRing,
                                   config.vchanTimeoutSeconds, injection.vchanEintrFails);
    if (!vchan) {
        std::fprintf(stderr, "Data vchan connection failed\n");
        return 1;
    }
    installSignals(!config.isDom0);
    Prepared prepared;
    prepared.setup.injection = injection;
    if (!DataProcess(*vchan, prepared.setup).handshake())
        return 1;
    prepare(config, commandLine, justExecute, prepared);
    return DataProcess(*vchan, prepared.setup).run();
}

void startMachineLink(const AgentConfig &config)
{
    makeParents(config.machineFile());
    const pid_t between = ::fork();
    if (between != 0) {
        while (between > 0 && ::waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
        }
        return;
    }
    if (::fork() != 0)
        ::_exit(0);
    ::setsid();
    UniqueFd lock(::open(config.machineFile().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        ::_exit(0);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.get(), 0) != 0 || !writeAll(lock.get(), pid.data(), pid.size()))
        ::_exit(1);
    for (;;) {
        UniqueFd link = connectTcp(config.broker);
        if (link && writeLine(link.get(), {"machine", config.qube})) {
            while (readLine(link.get(), -1)) {
            }
        }
        sleepThroughSignals(500);
    }
}

Agent::Agent(AgentConfig config)
    : m_config(std::move(config))
{
}

bool Agent::join()
{
    m_control = connectTcp(m_config.broker);
    m_controlLines = LineBuffer();
    return m_control && writeLine(m_control.get(), {"agent", m_config.qube});
}

void Agent::greet(int fd)
{
    writeLine(fd, {"agent", m_config.broker, m_config.injectionFile(), m_config.oldQrexec ? "old" : "new"});
}

void Agent::acceptClient()
{
    UniqueFd fd(::accept4(m_trigger.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd)
        return;
    greet(fd.get());
    const int number = fd.get();
    m_clients[number].fd = std::move(fd);
}

void Agent::handleClient(int fd)
{
    Client &client = m_clients.at(fd);
    char chunk[4096];
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got <= 0 || client.asked) {
        m_clients.erase(fd);
        return;
    }
    client.lines.append(chunk, static_cast<std::size_t>(got));
    const auto fields = client.lines.next();
    if (!fields) {
        if (client.lines.size() > 131072)
            m_clients.erase(fd);
        return;
    }
    if (fields->size() != 3 || fields->at(0) != "trigger" ||
        !writeLine(m_control.get(), {"trigger", std::to_string(fd), fields->at(1), fields->at(2)})) {
        m_clients.erase(fd);
        return;
    }
    client.asked = true;
}

void Agent::startCall(const Fields &fields)
{
    const pid_t pid = ::fork();
    if (pid != 0) {
        if (pid < 0)
            std::perror("fork");
        return;
    }
    // Nothing of the main process may keep living in the data process.
    closeFrom(3);
    m_control.release();
    m_trigger.release();
    for (auto &entry : m_clients)
        entry.second.fd.release();
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::exit(serveCall(m_config, fields.at(1), fields.at(2), fields.at(0) == "justexec"));
}

void Agent::handleLine(const Fields &fields)
{
    if ((fields.at(0) == "exec" || fields.at(0) == "justexec") && fields.size() == 3) {
        startCall(fields);
    } else if ((fields.at(0) == "allow" || fields.at(0) == "refuse") && fields.size() >= 2) {
        const int fd = std::atoi(fields.at(1).c_str());
        const auto client = m_clients.find(fd);
        if (client == m_clients.end())
            return;
        if (fields.at(0) == "refuse" || fields.size() != 3 || !writeLine(fd, {"connect", fields.at(2)}))
            m_clients.erase(client);
    } else {
        std::fprintf(stderr, "unknown request %s\n", fields.at(0).c_str());
    }
}

void Agent::handleBroker()
{
    char chunk[65536];
    const ssize_t got = ::read(m_control.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        std::fprintf(stderr, "lost the broker\n");
        m_control.reset();
        m_clients.clear();
        return;
    }
    m_controlLines.append(chunk, static_cast<std::size_t>(got));
    while (const auto fields = m_controlLines.next())
        handleLine(*fields);
}

int Agent::run()
{
    struct sigaction action = {};
    ::sigemptyset(&action.sa_mask);
    action.sa_handler = onTerminate;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    action.sa_handler = onChild;
    ::sigaction(SIGCHLD, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGCHLD);
    ::sigaddset(&blocked, SIGTERM);
    ::sigaddset(&blocked, SIGINT);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    sigset_t none;
    ::sigemptyset(&none);

    if (m_config.machineLink)
        startMachineLink(m_config);
    makeParents(m_config.qubesdbFile());
    std::ofstream(m_config.qubesdbFile()) << encodeLine({m_config.broker, m_config.qube});
    m_trigger = listenUnix(m_config.triggerSocket(), 0666);
    if (!m_trigger) {
        std::fprintf(stderr, "%s: %s\n", m_config.triggerSocket().c_str(), std::strerror(errno));
        return 1;
    }

    while (terminateRequested == 0) {
        if (!m_control)
            join();
        std::vector<pollfd> fds{{m_control ? m_control.get() : -1, POLLIN, 0}, {m_trigger.get(), POLLIN, 0}};
        for (const auto &entry : m_clients)
            fds.push_back({entry.first, POLLIN, 0});
        const timespec retry = {0, 300000000};
        const int ready = ::ppoll(fds.data(), fds.size(), m_control ? nullptr : &retry, &none);
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        if (ready <= 0)
            continue;
        if (fds[0].revents != 0)
            handleBroker();
        if (fds[1].revents != 0)
            acceptClient();
        for (std::size_t i = 2; i < fds.size(); ++i) {
            if (fds[i].revents != 0 && m_clients.count(fds[i].fd) != 0)
                handleClient(fds[i].fd);
        }
    }
    ::unlink(m_config.triggerSocket().c_str());
    return 0;
}

} // namespace lab
