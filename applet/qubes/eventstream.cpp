// SPDX-License-Identifier: GPL-2.0-or-later
#include "eventstream.h"

#include <algorithm>

namespace qubes {

using model::Failure;
using model::Reason;

EventStream::EventStream(Transport *transport, Timing timing, QObject *parent)
    : QObject(parent)
    , m_transport(transport)
    , m_timing(timing)
    , m_delay(timing.firstDelay)
{
    m_retry.setSingleShot(true);
    m_establishing.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &EventStream::connectNow);
    connect(&m_establishing, &QTimer::timeout, this, [this] { onEnded(Failure{Reason::TimedOut, {}}); });
}

void EventStream::start()
{
    if (m_state != State::Idle)
        return;
    setState(State::Connecting);
    connectNow();
}

void EventStream::connectNow()
{
    m_parser = EventParser();
    m_channel = m_transport->open(Request{"admin.Events"}, this);
    connect(m_channel, &Channel::received, this, &EventStream::onReceived);
    connect(m_channel, &Channel::ended, this, &EventStream::onEnded);
    m_establishing.start(m_timing.establishWithin);
}

void EventStream::onReceived(const QByteArray &untrustedBytes)
{
    QList<Event> events;
    const bool sound = m_parser.feed(untrustedBytes, events);
    const Channel *const channel = m_channel;
    for (const Event &one : std::as_const(events)) {
        if (isConnectionEstablished(one)) {
            m_establishing.stop();
            m_delay = m_timing.firstDelay;
            setState(State::Established);
        } else {
            Q_EMIT happened(one);
        }
    }
    if (!sound && channel == m_channel)
        onEnded(Failure{Reason::Garbled, {}});
}

void EventStream::onEnded(const std::optional<Failure> &failure)
{
    if (!m_channel)
        return;
    m_channel->disconnect(this);
    m_channel->deleteLater();
    m_channel = nullptr;
    m_establishing.stop();
    m_retry.start(m_delay);
    m_delay = std::min(m_delay * 2, m_timing.longestDelay);
    setState(failure && failure->reason == Reason::Refused ? State::Refused : State::Broken);
}

void EventStream::setState(State state)
{
    if (m_state == state)
        return;
    m_state = state;
    Q_EMIT stateChanged(state);
}

} // namespace qubes
