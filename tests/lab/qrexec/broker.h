// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "keystore.h"
#include "policy.h"
#include "uniquefd.h"
#include "wire.h"

#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace lab {

/// dom0 of the lab: knows the qubes, decides about calls, joins the two ends of each call, holds QubesDB.
/// README.md of this folder documents the protocol that its connections speak.
class Broker
{
public:
    struct Config
    {
        std::string dir;
        std::string listen = "127.0.0.1:0";
        std::string policy;
        std::string legacyPolicy;
        std::string defaultUser = "user";
    };

    explicit Broker(Config config);
    ~Broker();
    Broker(const Broker &) = delete;
    Broker &operator=(const Broker &) = delete;

    /// Opens the sockets and writes the port file; false with a message on stderr when that fails.
    bool open();
    /// Until SIGTERM or SIGINT.
    int run();

private:
    enum class Kind { New, Agent, Machine, Data, Caller, Qubesdb, Events };

    struct Connection
    {
        UniqueFd fd;
        bool local = false; ///< came over the unix socket: from dom0
        Kind kind = Kind::New;
        std::string qube;
        LineBuffer lines;
        std::string out;
        std::size_t outAt = 0;
        bool wantsOut = false;
        bool inputEnded = false; ///< the peer will send no more
        bool closeWhenSent = false;
        bool draining = false; ///< its call has ended; what it still sends is dropped
        std::string call;
        int peer = -1; ///< other end of a call
        std::set<std::string> watches;
    };

    struct Call
    {
        int server = -1;
        int client = -1;
        std::string ring;
        bool dead = false; ///< one end went before the other came
        std::string source;
        std::string target;
    };

    struct Qube
    {
        KeyStore keys;
        std::set<int> machines;
        int agent = -1;
        bool up() const { return agent >= 0 || !machines.empty(); }
    };

    void accept(int listener, bool local);
    void readFrom(int fd);
    void writeTo(int fd);
    void send(Connection &connection, const Fields &fields);
    void sendBytes(Connection &connection, const char *data, std::size_t size);
    void watchOutput(Connection &connection);
    void close(int fd);

    void handleLine(Connection &connection, const Fields &fields);
    void handleFirst(Connection &connection, const Fields &fields);
    void handleTrigger(Connection &connection, const Fields &fields);
    void handleCall(Connection &connection, const Fields &fields);
    void handleQubesdb(Connection &connection, const Fields &fields);
    void joinData(Connection &connection, const Fields &fields);
    void endData(Connection &connection);
    void finishDrained(Connection &connection);
    std::string newCall(const std::string &source, const std::string &target);
    void abandonCalls(const std::string &qube);
    void startService(Qube &qube, const std::string &call, const std::string &commandLine, bool justExecute);
    void changed(const std::string &qube, const std::string &path);
    void announce(const Fields &fields);
    void log(const std::string &text);

    Config m_config;
    Policy m_policy;
    UniqueFd m_epoll;
    UniqueFd m_tcp;
    UniqueFd m_unix;
    std::FILE *m_log = nullptr;
    std::map<int, std::unique_ptr<Connection>> m_connections;
    std::map<std::string, Qube> m_qubes;
    std::map<std::string, Call> m_calls;
    unsigned long m_lastCall = 0;
};

} // namespace lab
