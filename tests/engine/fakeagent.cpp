// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeagent.h"

#include <csignal>
#include <stdexcept>
#include <sys/socket.h>

FakeAgent::FakeAgent(Manner manner)
    : m_ends(socketPair())
    , m_process([this, manner] { return run(manner); })
{
    m_ends.second.reset();
    if (!m_ready.heard())
        throw std::runtime_error("the fake agent did not start");
}

int FakeAgent::run(Manner manner)
{
    // A program that holds both ends of a socket would not notice its end.
    m_ends.first.reset();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    m_ready.ring();
    bool missed = false;
    for (;;) {
        const int number = sigwaitinfo(&signals, nullptr);
        if (number == SIGUSR1 && manner == Manner::EndsAtSignal)
            return 1;
        if (number == SIGUSR1 && manner == Manner::MissesOnce)
            missed = true;
        const bool switches = (number == SIGUSR1 && manner == Manner::Prompt) || (number == SIGCHLD && missed);
        if (switches)
            shutdown(m_ends.second.get(), SHUT_RD);
    }
}
