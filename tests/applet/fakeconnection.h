// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "fakequbesd.h"

#include <QSocketNotifier>

namespace testing {

/// One call to a FakeQubesd. With bare descriptors: QLocalSocket closes both ways when the peer half-closes.
class FakeConnection : public QObject
{
    Q_OBJECT
public:
    FakeConnection(int descriptor, FakeQubesd *server);
    ~FakeConnection() override;

private:
    void onReadable();
    void handle();
    void send(const QByteArray &bytes);
    void sendMore();
    void finish();

    int m_descriptor;
    FakeQubesd *m_server;
    QSocketNotifier m_notifier;
    QSocketNotifier m_writable;
    QByteArray m_unsent;
    QByteArray m_request;
    bool m_streaming = false;
    bool m_finishing = false;
};

} // namespace testing
