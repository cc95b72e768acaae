// SPDX-License-Identifier: GPL-2.0-or-later
#include "broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace lab {

namespace {

volatile std::sig_atomic_t terminateRequested = 0;

void onTerminate(int)
{
    terminateRequested = 1;
}

bool isDom0(const std::string &name)
{
    return name == "dom0" || name == "@adminvm";
}

} // namespace

Broker::Broker(Config config)
    : m_config(std::move(config))
    , m_policy(m_config.policy, m_config.legacyPolicy)
{
}

Broker::~Broker()
{
    if (m_log != nullptr)
        std::fclose(m_log);
}

bool Broker::open()
{
    std::error_code error;
    std::filesystem::create_directories(m_config.dir, error);
    const auto colon = m_config.listen.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (colon == std::string::npos ||
        ::inet_pton(AF_INET, m_config.listen.substr(0, colon).c_str(), &address.sin_addr) != 1) {
        std::fprintf(stderr, "not an IPv4 address and port: %s\n", m_config.listen.c_str());
        return false;
    }
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(m_config.listen.c_str() + colon + 1)));
    m_tcp.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    ::setsockopt(m_tcp.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    socklen_t size = sizeof address;
    if (::bind(m_tcp.get(), reinterpret_cast<sockaddr *>(&address), size) != 0 ||
        ::listen(m_tcp.get(), SOMAXCONN) != 0 ||
        ::getsockname(m_tcp.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0) {
        std::perror("listen");
        return false;
    }
    m_unix = listenUnix(m_config.dir + "/broker.sock", 0600);
    if (!m_unix || !setNonBlocking(m_unix.get(), true)) {
        std::perror("broker.sock");
        return false;
    }
    const std::string alias = m_config.dir + "/qubesdb.sock";
    ::unlink(alias.c_str());
    m_log = std::fopen((m_config.dir + "/broker.log").c_str(), "ae");
    m_epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    if (::symlink("broker.sock", alias.c_str()) != 0 || m_log == nullptr || !m_epoll) {
        std::perror(m_config.dir.c_str());
        return false;
    }
    for (const int listener : {m_tcp.get(), m_unix.get()}) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = listener;
        ::epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, listener, &event);
    }
    // Renamed into place, so that whoever waits for the file finds it whole.
    const std::string port = m_config.dir + "/broker.port";
    std::ofstream(port + ".new") << ntohs(address.sin_port) << "\n";
    return std::rename((port + ".new").c_str(), port.c_str()) == 0;
}

void Broker::log(const std::string &text)
{
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    ::gmtime_r(&now.tv_sec, &parts);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%H:%M:%S", &parts);
    std::string line = encodeLine({text});
    std::fprintf(m_log, "%s.%03ld %s", stamp, now.tv_nsec / 1000000, line.c_str());
    std::fflush(m_log);
}

int Broker::run()
{
    std::signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {};
    ::sigemptyset(&action.sa_mask);
    action.sa_handler = onTerminate;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::sigaddset(&blocked, SIGINT);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    while (terminateRequested == 0) {
        epoll_event events[64];
        const int count = ::epoll_pwait(m_epoll.get(), events, 64, -1, &none);
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == m_tcp.get() || fd == m_unix.get()) {
                accept(fd, fd == m_unix.get());
                continue;
            }
            // An earlier event of this round may have closed it.
            if ((events[i].events & EPOLLOUT) != 0 && m_connections.count(fd) != 0)
                writeTo(fd);
            if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && m_connections.count(fd) != 0)
                readFrom(fd);
        }
    }
    ::unlink((m_config.dir + "/broker.port").c_str());
    ::unlink((m_config.dir + "/broker.sock").c_str());
    ::unlink((m_config.dir + "/qubesdb.sock").c_str());
    return 0;
}

void Broker::accept(int listener, bool local)
{
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (!local) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    auto connection = std::make_unique<Connection>();
    connection->fd.reset(fd);
    connection->local = local;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, fd, &event);
    m_connections[fd] = std::move(connection);
}

void Broker::readFrom(int fd)
{
    static char chunk[262144];
    Connection &connection = *m_connections.at(fd);
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        if (connection.kind == Kind::Data && !connection.draining)
            endData(connection);
        else
            close(fd);
        return;
    }
    const auto size = static_cast<std::size_t>(got);
    if (connection.draining)
        return;
    if (connection.kind == Kind::Data) {
        const auto peer = m_connections.find(connection.peer);
        if (peer != m_connections.end())
            sendBytes(*peer->second, chunk, size);
        return;
    }
    connection.lines.append(chunk, size);
    while (const auto fields = connection.lines.next()) {
        handleLine(connection, *fields);
        const auto still = m_connections.find(fd);
        if (still == m_connections.end() || still->second.get() != &connection)
            return;
        if (connection.kind == Kind::Data)
            return;
    }
}

void Broker::sendBytes(Connection &connection, const char *data, std::size_t size)
{
    if (connection.out.size() == connection.outAt) {
        const ssize_t done = ::send(connection.fd.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done > 0) {
            data += done;
            size -= static_cast<std::size_t>(done);
        }
    }
    if (size > 0) {
        connection.out.erase(0, connection.outAt);
        connection.outAt = 0;
        connection.out.append(data, size);
        watchOutput(connection);
    }
}

void Broker::send(Connection &connection, const Fields &fields)
{
    const std::string line = encodeLine(fields);
    sendBytes(connection, line.data(), line.size());
}

void Broker::watchOutput(Connection &connection)
{
    const bool wants = connection.out.size() > connection.outAt;
    if (wants == connection.wantsOut)
        return;
    connection.wantsOut = wants;
    epoll_event event{};
    event.events =
        (connection.inputEnded ? 0U : static_cast<unsigned>(EPOLLIN)) | (wants ? static_cast<unsigned>(EPOLLOUT) : 0U);
    event.data.fd = connection.fd.get();
    ::epoll_ctl(m_epoll.get(), EPOLL_CTL_MOD, connection.fd.get(), &event);
}

void Broker::writeTo(int fd)
{
    Connection &connection = *m_connections.at(fd);
    const ssize_t done = ::send(fd, connection.out.data() + connection.outAt, connection.out.size() - connection.outAt,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0 && errno != EAGAIN && errno != EINTR) {
        connection.out.clear();
        connection.outAt = 0;
    } else if (done > 0) {
        connection.outAt += static_cast<std::size_t>(done);
    }
    if (connection.outAt == connection.out.size()) {
        connection.out.clear();
        connection.outAt = 0;
    }
    watchOutput(connection);
    finishDrained(connection);
}

void Broker::finishDrained(Connection &connection)
{
    if (!connection.closeWhenSent || !connection.out.empty())
        return;
    // Only our half: a close with input unread would reset the connection, and the guest's TCP stack could lose
    // what has been sent to it. The other half ends when that data process does.
    ::shutdown(connection.fd.get(), SHUT_WR);
    connection.closeWhenSent = false;
    connection.draining = true;
}

// One end of a call has gone (or said so by its EOF, after which it reads nothing but ours): that is the end
// of the vchan. What it sent still goes to the other end, then that one sees the end as well.
void Broker::endData(Connection &connection)
{
    const auto call = m_calls.find(connection.call);
    if (call != m_calls.end() && connection.peer < 0) {
        call->second.dead = true;
        log("call " + connection.call + " ended before both ends had come");
    } else if (call != m_calls.end()) {
        log("call " + connection.call + " ended");
        m_calls.erase(call);
    }
    const auto peer = m_connections.find(connection.peer);
    if (peer != m_connections.end()) {
        Connection &other = *peer->second;
        other.peer = -1;
        other.call.clear();
        other.closeWhenSent = true;
        finishDrained(other);
    }
    close(connection.fd.get());
}

void Broker::close(int fd)
{
    const auto found = m_connections.find(fd);
    if (found == m_connections.end())
        return;
    const std::unique_ptr<Connection> connection = std::move(found->second);
    m_connections.erase(found);
    if (connection->kind != Kind::Agent && connection->kind != Kind::Machine)
        return;
    Qube &qube = m_qubes[connection->qube];
    if (connection->kind == Kind::Agent) {
        // A newer agent of the same qube may have taken its place.
        if (qube.agent != fd)
            return;
        qube.agent = -1;
        announce({"agent-down", connection->qube});
        log("agent of " + connection->qube + " left");
    } else {
        qube.machines.erase(fd);
    }
    if (!qube.up()) {
        abandonCalls(connection->qube);
        qube.keys.clear();
        announce({"machine-down", connection->qube});
        log("machine " + connection->qube + " is gone");
    }
}

void Broker::announce(const Fields &fields)
{
    for (auto &entry : m_connections) {
        if (entry.second->kind == Kind::Events)
            send(*entry.second, fields);
    }
}

void Broker::handleLine(Connection &connection, const Fields &fields)
{
    switch (connection.kind) {
    case Kind::New:
        handleFirst(connection, fields);
        break;
    case Kind::Agent:
        if (fields.at(0) == "trigger" && fields.size() == 4)
            handleTrigger(connection, fields);
        break;
    case Kind::Qubesdb:
        handleQubesdb(connection, fields);
        break;
    case Kind::Caller:
        handleCall(connection, fields);
        break;
    case Kind::Machine:
    case Kind::Events:
    case Kind::Data:
        break;
    }
}

void Broker::handleFirst(Connection &connection, const Fields &fields)
{
    const std::string &what = fields.at(0);
    const int fd = connection.fd.get();
    if (what == "data" && fields.size() == 4) {
        joinData(connection, fields);
    } else if ((what == "agent" || what == "machine") && fields.size() == 2) {
        connection.kind = what == "agent" ? Kind::Agent : Kind::Machine;
        connection.qube = fields.at(1);
        Qube &qube = m_qubes[connection.qube];
        const bool wasUp = qube.up();
        if (what == "agent")
            qube.agent = fd;
        else
            qube.machines.insert(fd);
        if (!wasUp)
            announce({"machine-up", connection.qube});
        if (what == "agent")
            announce({"agent-up", connection.qube});
        log(what + " of " + connection.qube + " joined");
    } else if (what == "qubesdb" && fields.size() == 2) {
        connection.kind = Kind::Qubesdb;
        connection.qube = fields.at(1);
    } else if (what == "events" && connection.local) {
        connection.kind = Kind::Events;
        for (const auto &entry : m_qubes) {
            if (entry.second.up())
                send(connection, {"machine-up", entry.first});
            if (entry.second.agent >= 0)
                send(connection, {"agent-up", entry.first});
        }
        send(connection, {"listening"});
    } else if (what == "call" && connection.local) {
        connection.kind = Kind::Caller;
        handleCall(connection, fields);
    } else {
        send(connection, {"error", "EINVAL", "unknown request " + what});
        close(fd);
    }
}

std::string Broker::newCall(const std::string &source, const std::string &target)
{
    std::string call = std::to_string(++m_lastCall);
    m_calls[call].source = source;
    m_calls[call].target = target;
    return call;
}

// The end in qube that has not come yet never will.
void Broker::abandonCalls(const std::string &qube)
{
    std::vector<int> waiting;
    for (auto &entry : m_calls) {
        const Call &call = entry.second;
        if (call.client < 0 && call.server >= 0 && call.target == qube)
            waiting.push_back(call.server);
        else if (call.server < 0 && call.client >= 0 && call.source == qube)
            waiting.push_back(call.client);
    }
    for (const int fd : waiting) {
        m_calls.erase(m_connections.at(fd)->call);
        close(fd);
    }
}

void Broker::startService(Qube &qube, const std::string &call, const std::string &commandLine, bool justExecute)
{
    send(*m_connections.at(qube.agent), {justExecute ? "justexec" : "exec", call, commandLine});
}

void Broker::handleTrigger(Connection &connection, const Fields &fields)
{
    const std::string &request = fields.at(1);
    const std::string target = sanitizedTarget(fields.at(2));
    const std::string service = sanitizedService(fields.at(3));
    const std::string label = connection.qube + " " + target + " " + service;
    const std::string name = service.substr(0, service.find('+'));
    if (name.empty()) {
        log("refused " + label + ": no service name");
        send(connection, {"refuse", request});
        return;
    }
    const Decision decision = m_policy.decide(connection.qube, target, service);
    const auto qube = m_qubes.find(decision.target);
    if (!decision.allowed || qube == m_qubes.end() || qube->second.agent < 0) {
        log("refused " + label + ": " +
            (!decision.allowed ? decision.reason : "no running agent in " + decision.target));
        send(connection, {"refuse", request});
        return;
    }
    const std::string call = newCall(connection.qube, decision.target);
    const std::string user = decision.user.empty() ? m_config.defaultUser : decision.user;
    // Calls of qubes always carry the '+'.
    std::string command = user + ":QUBESRPC " + service + (name == service ? "+" : "") + " " + connection.qube;
    if (isDom0(decision.target)) {
        const bool keyword = target.front() == '@';
        command += keyword ? " keyword " + target.substr(1) : " name " + target;
    }
    log("call " + call + " allowed " + label + ": " + decision.reason);
    startService(qube->second, call, command, false);
    send(connection, {"allow", request, call});
}

void Broker::handleCall(Connection &connection, const Fields &fields)
{
    if (fields.size() != 4 || fields.at(0) != "call") {
        send(connection, {"error", "EINVAL", "call QUBE COMMAND wait|nowait"});
        return;
    }
    const auto qube = m_qubes.find(fields.at(1));
    if (qube == m_qubes.end() || qube->second.agent < 0) {
        send(connection, {"error", "ENOENT", "no running agent in " + fields.at(1)});
        return;
    }
    std::string command = fields.at(2);
    const std::string placeholder = "DEFAULT:";
    if (command.compare(0, placeholder.size(), placeholder) == 0)
        command = m_config.defaultUser + command.substr(placeholder.size() - 1);
    const std::string call = newCall("dom0", fields.at(1));
    log("call " + call + " dom0 " + fields.at(1) + " " + command);
    startService(qube->second, call, command, fields.at(3) == "nowait");
    send(connection, {"ok", call, m_config.defaultUser});
}

void Broker::joinData(Connection &connection, const Fields &fields)
{
    const int fd = connection.fd.get();
    const auto found = m_calls.find(fields.at(1));
    if (found == m_calls.end() || found->second.dead) {
        if (found != m_calls.end())
            m_calls.erase(found);
        close(fd);
        return;
    }
    Call &call = found->second;
    connection.kind = Kind::Data;
    connection.call = fields.at(1);
    int &mine = fields.at(2) == "server" ? call.server : call.client;
    if (mine >= 0) {
        close(fd);
        return;
    }
    mine = fd;
    if (fields.at(2) == "server")
        call.ring = fields.at(3);
    if (call.server < 0 || call.client < 0)
        return;
    Connection &server = *m_connections.at(call.server);
    Connection &client = *m_connections.at(call.client);
    server.peer = call.client;
    client.peer = call.server;
    send(server, {"connected", call.ring});
    send(client, {"connected", call.ring});
}

void Broker::changed(const std::string &qube, const std::string &path)
{
    announce({"changed", qube, path});
    for (auto &entry : m_connections) {
        Connection &connection = *entry.second;
        if (connection.kind != Kind::Qubesdb || connection.qube != qube)
            continue;
        for (const std::string &watch : connection.watches) {
            if (KeyStore::watchMatches(watch, path)) {
                send(connection, {"changed", path});
                break;
            }
        }
    }
}

void Broker::handleQubesdb(Connection &connection, const Fields &fields)
{
    const std::string &what = fields.at(0);
    KeyStore &keys = m_qubes[connection.qube].keys;
    if (fields.size() < 2) {
        send(connection, {"error", "EINVAL", "no path"});
        return;
    }
    const std::string &path = fields.at(1);
    const bool prefixed = what == "list" || what == "multiread";
    if (!(prefixed && path.empty())) {
        const std::string wrong = KeyStore::checkPath(path);
        if (!wrong.empty()) {
            send(connection, {"error", wrong, path});
            return;
        }
    }
    if (what == "read") {
        const auto value = keys.read(path);
        send(connection, value ? Fields{"ok", *value} : Fields{"error", "ENOENT", path});
    } else if (what == "write" && fields.size() == 3) {
        const std::string wrong = KeyStore::checkValue(fields.at(2));
        if (!wrong.empty() || path.back() == '/') {
            send(connection, {"error", "EINVAL", path});
            return;
        }
        keys.write(path, fields.at(2));
        changed(connection.qube, path);
        send(connection, {"ok"});
    } else if (what == "rm") {
        if (!keys.remove(path)) {
            send(connection, {"error", "ENOENT", path});
            return;
        }
        changed(connection.qube, path);
        send(connection, {"ok"});
    } else if (prefixed) {
        Fields answer{"ok"};
        for (const auto &entry : keys.list(path)) {
            answer.push_back(entry.first);
            if (what == "multiread")
                answer.push_back(entry.second);
        }
        send(connection, answer);
    } else if (what == "watch") {
        connection.watches.insert(path);
        send(connection, {"ok"});
    } else if (what == "unwatch") {
        connection.watches.erase(path);
        send(connection, {"ok"});
    } else {
        send(connection, {"error", "EINVAL", "unknown request " + what});
    }
}

} // namespace lab
