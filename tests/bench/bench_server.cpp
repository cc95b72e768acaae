// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench_server.h"

#include "fakepanel.h"
#include "fakequbesd.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <cstdio>
#include <unistd.h>

namespace bench {

namespace {

constexpr int startLimitMs = 20000;

} // namespace

int serve(const Size &size)
{
    testing::FakeDom0 dom0;
    dom0.addMany(size.qubes, size.backends, size.devicesEach);
    testing::FakeQubesd qubesd(&dom0);
    if (!qubesd.start())
        return 1;
    FakePanel panel;
    panel.appear();
    std::printf("%s\n", qPrintable(qubesd.socketPath()));
    std::fflush(stdout);
    const QSocketNotifier end(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&end, &QSocketNotifier::activated, qApp, &QCoreApplication::quit);
    return QCoreApplication::exec();
}

Server::Server(const Size &size)
{
    setProcessChannelMode(QProcess::ForwardedErrorChannel);
    start(QCoreApplication::applicationFilePath(), {QStringLiteral("--serve"), QString::number(size.qubes),
                                                    QString::number(size.backends), QString::number(size.devicesEach)});
    while (!canReadLine() && waitForReadyRead(startLimitMs)) {
    }
    m_socketPath = QString::fromLocal8Bit(readLine().trimmed());
}

Server::~Server()
{
    closeWriteChannel();
    waitForFinished();
}

} // namespace bench
