// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "channel.h"

#include <QStringList>

namespace qubes {

/// For a GUI domain: qrexec-client-vm, one process per call. qrexec puts the header of the call in front itself.
class QrexecTransport : public Transport
{
public:
    explicit QrexecTransport(QString program = QStringLiteral("/usr/bin/qrexec-client-vm"), QStringList options = {})
        : m_program(std::move(program))
        , m_options(std::move(options))
    {
    }
    Channel *open(const Request &request, QObject *parent) override;

private:
    QString m_program;
    QStringList m_options;
};

} // namespace qubes
