// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "channel.h"

#include <QLocalSocket>

namespace qubes {

class QubesdChannel : public Channel
{
    Q_OBJECT
public:
    QubesdChannel(const QString &socketPath, const Request &request, QObject *parent);
    ~QubesdChannel() override;

private:
    void send();
    void end(const std::optional<model::Failure> &failure);

    QLocalSocket m_socket;
    std::optional<QByteArray> m_request;
    bool m_closedForWriting = false;
    bool m_ended = false;
};

} // namespace qubes
