// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/stopsignal.h"

#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>

namespace engine {

StopSignal::StopSignal()
{
    std::signal(SIGPIPE, SIG_IGN);
    // Inherited as ignored, it would make the kernel reap our children before we can.
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
        sigdelset(&all, fault);
    sigprocmask(SIG_SETMASK, &all, nullptr);

    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGHUP);
    m_fd = UniqueFd(signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool StopSignal::asked() const
{
    pollfd entry{m_fd.get(), POLLIN, 0};
    return poll(&entry, 1, 0) == 1;
}

} // namespace engine
