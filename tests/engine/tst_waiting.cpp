// SPDX-License-Identifier: GPL-2.0-or-later
#include "forked.h"
#include "show.h"
#include "waiting.h"

using namespace engine;
using namespace std::chrono_literals;

class TestWaiting : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theOneThatIsReady()
    {
        auto [ours, theirs] = socketPair();
        auto [quiet, quietPeer] = socketPair();
        QCOMPARE(::write(theirs.get(), "x", 1), ssize_t{1});
        std::vector<Watch> watches{{quiet.get()}, {ours.get()}};
        QVERIFY(waitForAny(watches, Deadline(patience)));
        QVERIFY(!watches[0].ready);
        QVERIFY(watches[1].ready);
    }

    void anEndIsReadinessToo()
    {
        auto [ours, theirs] = socketPair();
        theirs.reset();
        std::vector<Watch> watches{{ours.get(), 0}}; // asks for nothing: the end is told all the same
        QVERIFY(waitForAny(watches, Deadline(patience)));
        QVERIFY(watches[0].ready);
    }

    void whatIsNotThereIsNeverReady()
    {
        std::vector<Watch> watches{{-1, POLLIN, true}};
        QVERIFY(!waitForAny(watches, Deadline(10ms)));
        QVERIFY(!watches[0].ready); // and what it said before counts no more
    }

    void aDeadlineThatHasPassedIsALook()
    {
        auto [ours, theirs] = socketPair();
        std::vector<Watch> watches{{ours.get()}};
        QVERIFY(!waitForAny(watches, Deadline(-1s)));
        QCOMPARE(::write(theirs.get(), "x", 1), ssize_t{1});
        QVERIFY(waitForAny(watches, Deadline(-1s)));
    }

    void whatIsLeftIsNeverNegativeNorBeyondTheLimit()
    {
        QCOMPARE(Deadline(-1s).left(), 0ms);
        QVERIFY(Deadline(-1s).passed());
        QCOMPARE(Deadline(1h).left(5s), 5s);
        QVERIFY(!Deadline(1h).passed());
        QVERIFY(Deadline(1h).within(10ms).left() <= 10ms);
        QCOMPARE(Deadline(-1s).within(1h).left(), 0ms);
    }
};

QTEST_APPLESS_MAIN(TestWaiting)
#include "tst_waiting.moc"
