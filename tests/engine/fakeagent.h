// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "forked.h"

/// The qrexec process at the other end of a program's descriptors, as far as the switch to a single socket goes
/// (qrexec-agent-data.c and process_io.c of qubes-core-qrexec): SIGUSR1 sets a flag that its loop tests before it
/// sleeps; the switch is shutdown(SHUT_RD) of its side of FD 1. SIGCHLD ends its sleep.
class FakeAgent
{
public:
    enum class Manner {
        Prompt,      ///< switches when signalled
        MissesOnce,  ///< the signal came between its test and its sleep: switches at the next SIGCHLD
        Deaf,        ///< never switches
        EndsAtSignal ///< dies of the signal, as one that is not there any more
    };

    explicit FakeAgent(Manner manner);

    pid_t pid() const { return m_process.pid(); }
    /// The program's FD 1.
    int out() const { return m_ends.first.get(); }
    Forked &process() { return m_process; }

private:
    int run(Manner manner);

    std::pair<engine::UniqueFd, engine::UniqueFd> m_ends;
    Bell m_ready;
    Forked m_process; // last: it needs all of the above
};
