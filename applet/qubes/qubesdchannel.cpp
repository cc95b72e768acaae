// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubesdchannel.h"

#include "qubesdtransport.h"

#include <sys/socket.h>

namespace qubes {

using model::Failure;
using model::PlainText;
using model::Reason;

Channel *QubesdTransport::open(const Request &request, QObject *parent)
{
    return new QubesdChannel(m_socketPath, request, parent);
}

QubesdChannel::QubesdChannel(const QString &socketPath, const Request &request, QObject *parent)
    : Channel(parent)
    , m_request(encodeForSocket(request))
{
    connect(&m_socket, &QLocalSocket::connected, this, &QubesdChannel::send);
    connect(&m_socket, &QLocalSocket::bytesWritten, this, &QubesdChannel::send);
    connect(&m_socket, &QLocalSocket::readyRead, this, [this] { Q_EMIT received(m_socket.readAll()); });
    connect(&m_socket, &QLocalSocket::disconnected, this, [this] { end({}); });
    connect(&m_socket, &QLocalSocket::errorOccurred, this, [this](QLocalSocket::LocalSocketError error) {
        if (error == QLocalSocket::PeerClosedError)
            return; // disconnected() follows, perhaps after the last bytes
        // "QLocalSocket::connectToServer: Connection refused": where in Qt it was says nothing to people.
        end(Failure{Reason::Unreachable,
                    PlainText::fromUntrusted(m_socket.errorString().section(QLatin1String(": "), -1))});
    });
    // Later, so that nothing is told before the caller could connect to it.
    QMetaObject::invokeMethod(
        this,
        [this, socketPath] {
            if (m_request)
                m_socket.connectToServer(socketPath, QIODevice::ReadWrite | QIODevice::Unbuffered);
            else
                end(Failure{Reason::Invalid, {}});
        },
        Qt::QueuedConnection);
}

QubesdChannel::~QubesdChannel()
{
    m_socket.disconnect(this);
    m_socket.abort();
}

void QubesdChannel::send()
{
    if (m_request && !m_request->isEmpty()) {
        m_socket.write(*m_request);
        m_request->clear();
    }
    if (m_socket.bytesToWrite() == 0 && !m_closedForWriting) {
        // The half-closed connection is the end of the request; QLocalSocket can only close both ways.
        m_closedForWriting = true;
        ::shutdown(static_cast<int>(m_socket.socketDescriptor()), SHUT_WR);
    }
}

void QubesdChannel::end(const std::optional<Failure> &failure)
{
    if (m_ended)
        return;
    m_ended = true;
    if (m_socket.bytesAvailable() > 0)
        Q_EMIT received(m_socket.readAll());
    Q_EMIT ended(failure);
}

} // namespace qubes
