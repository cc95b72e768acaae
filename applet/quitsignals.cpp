// SPDX-License-Identifier: GPL-2.0-or-later
#include "quitsignals.h"

#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace {

// All that a signal handler may touch.
volatile std::sig_atomic_t writeEnd = -1;

constexpr int quitting[] = {SIGTERM, SIGINT, SIGHUP};

extern "C" void onQuitSignal(int)
{
    const char byte = 0;
    // A full pipe already says all there is to say.
    [[maybe_unused]] const ssize_t written = write(writeEnd, &byte, 1);
}

} // namespace

QuitSignals::QuitSignals(QObject *parent)
    : QObject(parent)
    , m_notifier(QSocketNotifier::Read)
{
    if (pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    writeEnd = m_pipe[1];
    m_notifier.setSocket(m_pipe[0]);
    m_notifier.setEnabled(true);
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] {
        m_notifier.setEnabled(false);
        Q_EMIT received();
    });
    for (const int number : quitting)
        std::signal(number, onQuitSignal); // NOLINT(bugprone-signal-handler): write(2) is async-signal-safe
}

QuitSignals::~QuitSignals()
{
    for (const int number : quitting)
        std::signal(number, SIG_DFL);
    writeEnd = -1;
    for (const int end : m_pipe) {
        if (end >= 0)
            close(end);
    }
}
