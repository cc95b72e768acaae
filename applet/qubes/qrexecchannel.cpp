// SPDX-License-Identifier: GPL-2.0-or-later
#include "qrexecchannel.h"

#include "qrexectransport.h"

#include <QThread>

namespace qubes {

using model::Failure;
using model::PlainText;
using model::Reason;

namespace {

constexpr int refusedByPolicy = 126;            // qrexec.h, QREXEC_EXIT_REQUEST_REFUSED
constexpr auto refusedText = "Request refused"; // what qrexec-client-vm.c says of each such call
constexpr qsizetype maxErrors = 4096;

} // namespace

Channel *QrexecTransport::open(const Request &request, QObject *parent)
{
    return new QrexecChannel(m_program, m_options, request, parent);
}

QrexecChannel::QrexecChannel(const QString &program, const QStringList &options, const Request &request,
                             QObject *parent)
    : Channel(parent)
    , m_process(new QProcess(this))
{
    // Not a terminal, so that qrexec leaves the NULs of the answer alone.
    m_process->setProcessChannelMode(QProcess::SeparateChannels);
    connect(m_process, &QProcess::readyReadStandardOutput, this,
            [this] { Q_EMIT received(m_process->readAllStandardOutput()); });
    connect(m_process, &QProcess::readyReadStandardError, this, [this] {
        m_untrustedErrors.append(m_process->readAllStandardError());
        m_untrustedErrors.truncate(maxErrors);
    });
    connect(m_process, &QProcess::finished, this, &QrexecChannel::onExit);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            end(Failure{Reason::Unreachable, PlainText::fromUntrusted(m_process->errorString())});
    });
    connect(m_process, &QProcess::started, this, [this, payload = request.payload] {
        m_process->write(payload);
        m_process->closeWriteChannel(); // the call begins at the end of its input, even without a payload
    });
    const auto service = encodeForQrexec(request);
    QStringList arguments = options;
    arguments << QStringLiteral("--") << request.destination.toString()
              << QString::fromLatin1(service.value_or(QByteArray()));
    QMetaObject::invokeMethod(
        this,
        [this, program, arguments, sayable = service.has_value()] {
            if (sayable)
                m_process->start(program, arguments);
            else
                end(Failure{Reason::Invalid, {}});
        },
        Qt::QueuedConnection);
}

QrexecChannel::~QrexecChannel()
{
    m_process->disconnect(this);
    if (m_process->state() == QProcess::NotRunning)
        return;
    m_process->kill();
    if (QThread::currentThread()->loopLevel() == 0) {
        // The program is ending: no event loop will reap it, and there is nobody left whom the moment would disturb.
        m_process->waitForFinished();
        return;
    }
    m_process->setParent(nullptr);
    connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
    connect(m_process, &QProcess::errorOccurred, m_process, &QObject::deleteLater);
}

void QrexecChannel::onExit(int code, QProcess::ExitStatus status)
{
    if (m_process->bytesAvailable() > 0)
        Q_EMIT received(m_process->readAllStandardOutput());
    m_untrustedErrors.append(m_process->readAllStandardError());
    m_untrustedErrors.truncate(maxErrors);
    if (status == QProcess::NormalExit && code == 0) {
        end({});
        return;
    }
    const bool refused = status == QProcess::NormalExit && code == refusedByPolicy;
    const QByteArray untrusted = m_untrustedErrors.trimmed(); // a line's end is no part of what it says
    const bool saysNoMore = refused && untrusted == refusedText;
    end(Failure{refused ? Reason::Refused : Reason::Unreachable,
                saysNoMore ? PlainText() : PlainText::fromUntrusted(untrusted, 300)});
}

void QrexecChannel::end(const std::optional<Failure> &failure)
{
    if (m_ended)
        return;
    m_ended = true;
    Q_EMIT ended(failure);
}

} // namespace qubes
