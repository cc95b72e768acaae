// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "fakedom0.h"

#include <QLocalServer>
#include <QTemporaryDir>

namespace testing {

class FakeConnection;

/// Puts a FakeDom0 on a socket, with qubesd's framing: the request ends with the half-closed connection.
class FakeQubesd : public QLocalServer
{
    Q_OBJECT
public:
    explicit FakeQubesd(FakeDom0 *dom0, QObject *parent = nullptr);
    ~FakeQubesd() override;

    QString socketPath() const { return m_directory.filePath(QStringLiteral("qubesd.sock")); }
    bool start();
    /// As at a restart: all connections end, calls under way get no answer, the socket refuses.
    void stop();
    /// Events and replies go out one byte per write.
    void setDribbling(bool on) { m_dribbling = on; }
    bool isDribbling() const { return m_dribbling; }
    FakeDom0 *dom0() const { return m_dom0; }

protected:
    void incomingConnection(quintptr descriptor) override;

private:
    FakeDom0 *m_dom0;
    QTemporaryDir m_directory;
    bool m_dribbling = false;
};

} // namespace testing
