// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "uniquefd.h"
#include "wire.h"

#include <map>
#include <string>

namespace lab {

/// Where the agent of a qube is and how it behaves.
struct AgentConfig
{
    std::string qube;
    std::string broker; ///< HOST:PORT
    std::string root;   ///< prefix of every path below
    bool isDom0 = false;
    bool oldQrexec = false; ///< a release that has no --use-stdin-socket
    bool machineLink = true;
    int vchanTimeoutSeconds = 120;

    std::string triggerSocket() const { return root + "/var/run/qubes/qrexec-agent"; }
    std::string injectionFile() const { return root + "/run/lab/qrexec-inject"; }
    std::string qubesdbFile() const { return root + "/run/lab/qubesdb"; }
    std::string machineFile() const { return root + "/run/lab/machine.pid"; }
    std::string logFolder() const { return root + "/var/log/qubes"; }
};

/// The data process of a service call, in a process of its own: runs the command, then the call, to its end.
/// Gives the exit code of the data process.
int serveCall(const AgentConfig &config, const std::string &call, const std::string &commandLine, bool justExecute);

/// Holds the connection whose end means that this machine is gone (an agent that dies is not that), in a
/// process of its own, once per root.
void startMachineLink(const AgentConfig &config);

/// qrexec-agent's main process: passes calls of local programs on to dom0 and starts one data process for
/// each call that comes in. Data processes outlive it.
class Agent
{
public:
    explicit Agent(AgentConfig config);
    /// Runs until SIGTERM or SIGINT; connects to the broker again whenever that connection ends.
    int run();

private:
    bool join();
    void acceptClient();
    void handleClient(int fd);
    void handleBroker();
    void handleLine(const Fields &fields);
    void startCall(const Fields &fields);
    void greet(int fd);

    AgentConfig m_config;
    UniqueFd m_control;
    UniqueFd m_trigger;
    LineBuffer m_controlLines;
    struct Client
    {
        UniqueFd fd;
        LineBuffer lines;
        bool asked = false;
    };
    std::map<int, Client> m_clients;
};

} // namespace lab
