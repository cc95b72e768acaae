// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "rpcservice.h"
#include "uniquefd.h"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lab {

/// A service or shell command that the agent has started, with the data process's ends of its descriptors.
struct ChildProcess
{
    pid_t pid = 0; ///< of the process that waits for the session leader and whose exit counts
    UniqueFd stdinFd;
    UniqueFd stdoutFd;
    UniqueFd stderrFd;
};

/// How the agent starts services.
struct SpawnContext
{
    bool isDom0 = false; ///< no QREXEC_AGENT_PID; stderr to logPath instead of a pipe
    bool nullIo = false; ///< FD 0 to 2 on /dev/null, for commands that nobody waits for
    std::string logPath;
};

/// Starts what command asks for (program empty: its shell line) as its user: two socketpairs as FD 0 and 1, a
/// pipe as FD 2, nothing else open, no signal blocked, the environment of a root agent's PAM session. None when
/// there is no such user or nothing can be started.
std::optional<ChildProcess> spawn(const Command &command, const std::string &program, const SpawnContext &context);

/// Closes every descriptor from first on.
void closeFrom(int first);

} // namespace lab
