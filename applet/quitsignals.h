// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>

/// SIGTERM, SIGINT and SIGHUP as a signal of the event loop, so that all is put away in order. One per process.
class QuitSignals : public QObject
{
    Q_OBJECT
public:
    explicit QuitSignals(QObject *parent = nullptr);
    ~QuitSignals() override;

Q_SIGNALS:
    void received();

private:
    int m_pipe[2] = {-1, -1};
    QSocketNotifier m_notifier;
};
