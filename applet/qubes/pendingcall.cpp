// SPDX-License-Identifier: GPL-2.0-or-later
#include "pendingcall.h"

#include "reply.h"

namespace qubes {

using model::Failure;
using model::Reason;

PendingCall::PendingCall(Transport *transport, const Request &request, std::chrono::milliseconds deadline,
                         qsizetype maxReply, QObject *parent)
    : QObject(parent)
    , m_channel(transport->open(request, this))
    , m_maxReply(maxReply)
{
    connect(m_channel, &Channel::received, this, [this](const QByteArray &untrustedBytes) {
        m_untrustedReply.append(untrustedBytes);
        if (m_untrustedReply.size() > m_maxReply)
            conclude(Failure{Reason::Garbled, {}});
    });
    connect(m_channel, &Channel::ended, this, [this](const std::optional<Failure> &failure) {
        if (failure)
            conclude(*failure);
        else
            conclude(parseReply(m_untrustedReply));
    });
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] { conclude(Failure{Reason::TimedOut, {}}); });
    m_deadline.start(deadline);
}

void PendingCall::conclude(const model::Result<QByteArray> &reply)
{
    if (m_concluded)
        return;
    m_concluded = true;
    m_deadline.stop();
    m_channel->disconnect(this);
    m_channel->deleteLater();
    deleteLater();
    Q_EMIT concluded(reply);
}

} // namespace qubes
