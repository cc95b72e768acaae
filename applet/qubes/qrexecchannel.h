// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "channel.h"

#include <QProcess>
#include <QStringList>

namespace qubes {

class QrexecChannel : public Channel
{
    Q_OBJECT
public:
    QrexecChannel(const QString &program, const QStringList &options, const Request &request, QObject *parent);
    /// Kills the process if it still runs; it is reaped by the event loop.
    ~QrexecChannel() override;

private:
    void onExit(int code, QProcess::ExitStatus status);
    void end(const std::optional<model::Failure> &failure);

    QProcess *m_process;
    QByteArray m_untrustedErrors;
    bool m_ended = false;
};

} // namespace qubes
