// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "callqueue.h"

#include <QTimer>

namespace qubes {

/// One call of a CallQueue: gathers the reply and watches deadline and size. Deletes itself.
class PendingCall : public QObject
{
    Q_OBJECT
public:
    PendingCall(Transport *transport, const Request &request, std::chrono::milliseconds deadline, qsizetype maxReply,
                QObject *parent);

Q_SIGNALS:
    void concluded(const model::Result<QByteArray> &reply);

private:
    void conclude(const model::Result<QByteArray> &reply);

    Channel *m_channel;
    QTimer m_deadline;
    QByteArray m_untrustedReply;
    qsizetype m_maxReply;
    bool m_concluded = false;
};

} // namespace qubes
