// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/stopsignal.h"
#include "forked.h"
#include "show.h"

#include <csignal>
#include <cstring>
#include <poll.h>

using namespace engine;

class TestStopSignal : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void stopsAreHeard_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("TERM") << SIGTERM;
        QTest::newRow("INT") << SIGINT;
        QTest::newRow("HUP") << SIGHUP;
    }
    void stopsAreHeard()
    {
        QFETCH(int, number);
        const Bell ready;
        Forked process([&] {
            const StopSignal stop;
            if (stop.asked())
                return 1;
            ready.ring();
            pollfd entry{stop.fd(), POLLIN, 0};
            if (poll(&entry, 1, static_cast<int>(patience.count())) != 1)
                return 2;
            return stop.asked() && stop.asked() ? 0 : 3; // it is not taken by looking
        });
        QVERIFY(ready.heard());
        ::kill(process.pid(), number);
        QCOMPARE(process.wait(), 0);
    }

    void otherSignalsDoNotDisturb_data()
    {
        QTest::addColumn<int>("number");
        for (const int number : {SIGUSR1, SIGUSR2, SIGALRM, SIGQUIT, SIGPIPE, SIGCHLD})
            QTest::newRow(strsignal(number)) << number;
    }
    void otherSignalsDoNotDisturb()
    {
        QFETCH(int, number);
        const Bell ready;
        const Bell sent;
        Forked process([&] {
            const StopSignal stop;
            ready.ring();
            if (!sent.heard())
                return 1;
            return stop.asked() ? 2 : 0;
        });
        QVERIFY(ready.heard());
        ::kill(process.pid(), number);
        sent.ring();
        QCOMPARE(process.wait(), 0);
    }

    void childrenAreNotReapedByTheKernel()
    {
        Forked process([] {
            std::signal(SIGCHLD, SIG_IGN); // as a careless parent may leave it
            const StopSignal stop;
            Forked child([] { return 5; });
            return child.wait();
        });
        QCOMPARE(process.wait(), 5);
    }
};

QTEST_GUILESS_MAIN(TestStopSignal)
#include "tst_stopsignal.moc"
