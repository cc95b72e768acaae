// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/qrexecagent.h"

#include "base/uniquefd.h"
#include "values/untrusted.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace engine {

namespace {

constexpr int firstLook = 1;      // ms; the switch is usually visible within 0.3 ms
constexpr int pokeInterval = 100; // ms

Error goneError()
{
    return {Fault::Peer, "the qrexec connection was lost before the device was handed over"};
}

} // namespace

Result<QrexecAgent> QrexecAgent::parse(std::string_view untrusted)
{
    const auto pid = parseNumber(untrusted, 0x7fffffff);
    if (!pid || *pid < 2)
        return Error{Fault::BadRequest, "QREXEC_AGENT_PID is not set: this command is started by qrexec, not by hand"};
    return QrexecAgent(static_cast<pid_t>(*pid));
}

Result<void> QrexecAgent::useSingleSocket(int out, Deadline deadline) const
{
    struct stat info
    {
    };
    if (fstat(out, &info) != 0 || !S_ISSOCK(info.st_mode))
        return {}; // a socket service: one socket from the start
    if (kill(m_pid, SIGUSR1) != 0)
        return errno == ESRCH ? goneError() : systemError("cannot signal qrexec (is the service run as root?)", errno);

    int interval = firstLook;
    int sincePoke = pokeInterval;
    // Sends nothing and makes no end of file: 0 before the switch, EPIPE after it, when the agent has shut down its
    // side.
    while (send(out, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) == 0) {
        if (deadline.passed())
            return Error{Fault::Timeout, "qrexec did not switch to a single socket in time"};
        // The agent may have missed the signal between its test and its sleep of up to 10 s. SIGCHLD is blocked but in
        // that sleep, and only makes it look for ended children: a poke without a race.
        if (sincePoke >= pokeInterval) {
            if (kill(m_pid, SIGCHLD) != 0)
                return goneError();
            sincePoke = 0;
        }
        deadline.sleep(std::chrono::milliseconds(interval));
        sincePoke += interval;
        interval = interval < 16 ? interval * 2 : 16;
    }
    const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null || dup2(null.get(), out) < 0)
        return systemError("cannot close standard output", errno);
    return {};
}

} // namespace engine
