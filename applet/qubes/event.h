// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/qubessystem.h"

#include <QByteArray>
#include <QList>

#include <optional>
#include <utility>

namespace qubes {

/// One event as it came: nothing in it has been checked.
struct Event
{
    QByteArray untrustedSubject;
    QByteArray untrustedName;
    QList<std::pair<QByteArray, QByteArray>> untrustedFields;

    QByteArray field(QByteArrayView key) const;
};

/// Cuts a stream of bytes into events: "1\0subject\0event\0(key\0value\0)*\0". Reads may end anywhere.
class EventParser
{
public:
    /// A single event is never near that long; more means that the stream is not one of events.
    static constexpr qsizetype maxEvent = qsizetype{256} * 1024;

    /// Appends what is complete to `events`. False: this is no event stream; drop the connection.
    bool feed(QByteArrayView untrustedBytes, QList<Event> &events);
    /// True in the middle of an event: an end here is a broken connection.
    bool isInsideEvent() const { return !m_buffer.isEmpty(); }

private:
    QByteArray m_buffer;
    qsizetype m_scanned = 0; ///< no event ends before this
};

/// True for the event that says that from now on all are sent.
bool isConnectionEstablished(const Event &event);

/// What to look at again because of it; empty for events that are not about us.
QList<model::Hint> hintsOf(const Event &event);

} // namespace qubes
