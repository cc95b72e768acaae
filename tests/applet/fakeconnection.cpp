// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeconnection.h"

#include <QPointer>

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace testing {

FakeConnection::FakeConnection(int descriptor, FakeQubesd *server)
    : QObject(server)
    , m_descriptor(descriptor)
    , m_server(server)
    , m_notifier(descriptor, QSocketNotifier::Read)
    , m_writable(descriptor, QSocketNotifier::Write)
{
    m_writable.setEnabled(false);
    connect(&m_writable, &QSocketNotifier::activated, this, &FakeConnection::sendMore);
    connect(&m_notifier, &QSocketNotifier::activated, this, &FakeConnection::onReadable);
}

FakeConnection::~FakeConnection()
{
    m_notifier.setEnabled(false);
    m_writable.setEnabled(false);
    ::close(m_descriptor);
    if (m_streaming)
        --m_server->dom0()->eventStreams;
}

void FakeConnection::onReadable()
{
    char buffer[65536];
    const ssize_t got = ::read(m_descriptor, buffer, sizeof buffer);
    if (got > 0) {
        m_request.append(buffer, got);
        if (m_request.size() > 65536)
            finish(); // qubesd drops what is too long without a word
        return;
    }
    m_notifier.setEnabled(false);
    if (got == 0)
        handle();
    else
        finish();
}

void FakeConnection::handle()
{
    const qsizetype end = m_request.indexOf('\0');
    const QList<QByteArray> words = m_request.left(end).split(' ');
    if (end < 0 || words.size() != 4 || (words.at(2) != "name" && words.at(2) != "keyword")) {
        finish();
        return;
    }
    const qsizetype plus = words.at(0).indexOf('+');
    FakeDom0::Call call;
    call.method = plus < 0 ? words.at(0) : words.at(0).left(plus);
    call.argument = plus < 0 ? QByteArray() : words.at(0).mid(plus + 1);
    call.destination = words.at(3) == "adminvm" ? "dom0" : words.at(3);
    call.payload = m_request.mid(end + 1);
    if (call.method == "admin.Events") {
        m_streaming = true;
        ++m_server->dom0()->eventStreams;
        connect(m_server->dom0(), &FakeDom0::eventHappened, this, &FakeConnection::send);
        send(FakeDom0::event({}, "connection-established"));
        return;
    }
    m_server->dom0()->call(call, [guard = QPointer<FakeConnection>(this)](const QByteArray &bytes) {
        if (!guard)
            return;
        guard->send(bytes);
        guard->finish();
    });
}

void FakeConnection::send(const QByteArray &bytes)
{
    m_unsent.append(bytes);
    m_writable.setEnabled(true);
}

void FakeConnection::sendMore()
{
    const qsizetype step = m_server->isDribbling() ? std::min<qsizetype>(m_unsent.size(), 1) : m_unsent.size();
    const ssize_t done =
        ::send(m_descriptor, m_unsent.constData(), static_cast<size_t>(step), MSG_NOSIGNAL | MSG_DONTWAIT);
    const bool gone = done < 0 && errno != EAGAIN;
    m_unsent.remove(0, gone ? m_unsent.size() : std::max<qsizetype>(done, 0));
    m_writable.setEnabled(!m_unsent.isEmpty());
    if (gone || (m_finishing && m_unsent.isEmpty()))
        deleteLater();
}

void FakeConnection::finish()
{
    m_notifier.setEnabled(false);
    m_finishing = true;
    m_writable.setEnabled(true);
}

} // namespace testing
