// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "channel.h"
#include "event.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace qubes {

/// Keeps a connection for events: connects, and connects again when it breaks, with a growing delay. An idle stream is
/// normal: there is no keepalive.
class EventStream : public QObject
{
    Q_OBJECT
public:
    enum class State { Idle, Connecting, Established, Refused, Broken };
    struct Timing
    {
        std::chrono::milliseconds firstDelay{1000};
        std::chrono::milliseconds longestDelay{30000};
        std::chrono::milliseconds establishWithin{10000};
    };

    EventStream(Transport *transport, Timing timing, QObject *parent = nullptr);

    void start();
    State state() const { return m_state; }

Q_SIGNALS:
    /// Established: from now on nothing is missed, so list now.
    void stateChanged(qubes::EventStream::State state);
    void happened(const qubes::Event &event);

private:
    void connectNow();
    void onReceived(const QByteArray &untrustedBytes);
    void onEnded(const std::optional<model::Failure> &failure);
    void setState(State state);

    Transport *m_transport;
    Timing m_timing;
    State m_state = State::Idle;
    Channel *m_channel = nullptr;
    EventParser m_parser;
    QTimer m_retry;
    QTimer m_establishing;
    std::chrono::milliseconds m_delay;
};

} // namespace qubes
