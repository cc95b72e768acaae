// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "channel.h"

namespace qubes {

/// For dom0: qubesd's socket. One connection is one call.
class QubesdTransport : public Transport
{
public:
    explicit QubesdTransport(QString socketPath = QStringLiteral("/var/run/qubesd.sock"))
        : m_socketPath(std::move(socketPath))
    {
    }
    Channel *open(const Request &request, QObject *parent) override;

private:
    QString m_socketPath;
};

} // namespace qubes
