// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "values/result.h"

#include <string_view>
#include <sys/types.h>

namespace engine {

/// The qrexec process that serves our FDs (QREXEC_AGENT_PID). Made to use FD 0 for both directions by SIGUSR1.
class QrexecAgent
{
public:
    /// `untrusted`: the value of QREXEC_AGENT_PID.
    static Result<QrexecAgent> parse(std::string_view untrusted);

    /// Asks for the switch, waits until it is done and closes FD 1 (/dev/null stands in for it). Closing it earlier
    /// would make the agent send an end of file and then throw away all we send (process_io.c of qubes-core-qrexec).
    /// For a local program only after the first byte of the peer: before it the signal may interrupt the agent's
    /// handshake. `out` is FD 1, but for tests.
    Result<void> useSingleSocket(int out, Deadline deadline) const;

    pid_t pid() const { return m_pid; }

private:
    explicit QrexecAgent(pid_t pid)
        : m_pid(pid)
    {
    }
    pid_t m_pid;
};

} // namespace engine
