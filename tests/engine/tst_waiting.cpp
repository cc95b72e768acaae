// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/waiting.h"
#include "forked.h"
#include "show.h"

#include <fcntl.h>
#include <tuple>

using namespace engine;
using namespace std::chrono_literals;

class TestWaiting : public QObject
{
    Q_OBJECT

    UniqueFd m_ours;
    UniqueFd m_theirs;

private Q_SLOTS:
    void init() { std::tie(m_ours, m_theirs) = socketPair(); }

    void theOneThatIsReady()
    {
        const auto quiet = socketPair();
        QCOMPARE(::write(m_theirs.get(), "x", 1), ssize_t{1});
        std::vector<Watch> watches{{quiet.first.get()}, {m_ours.get()}};
        QVERIFY(waitForAny(watches, Deadline(patience)));
        QVERIFY(!watches[0].ready);
        QVERIFY(watches[1].ready);
    }

    void anEndIsReadinessToo()
    {
        m_theirs.reset();
        std::vector<Watch> watches{{m_ours.get(), 0}}; // asks for nothing: the end is told all the same
        QVERIFY(waitForAny(watches, Deadline(patience)));
        QVERIFY(watches[0].ready);
    }

    void whatIsNotThereIsNeverReady()
    {
        std::vector<Watch> watches{{-1, POLLIN, true}};
        QVERIFY(!waitForAny(watches, Deadline(10ms)));
        QVERIFY(!watches[0].ready); // and what it said before counts no more
    }

    void whatWasClosedIsNeverReadyEither()
    {
        const int closed = fcntl(m_ours.get(), F_DUPFD_CLOEXEC, 500);
        QVERIFY(closed >= 500);
        QCOMPARE(::close(closed), 0);
        QCOMPARE(::write(m_theirs.get(), "x", 1), ssize_t{1});
        std::vector<Watch> watches{{closed}, {m_ours.get()}};
        QVERIFY(waitForAny(watches, Deadline(patience)));
        QVERIFY(!watches[0].ready);
        QVERIFY(watches[1].ready);
        std::vector<Watch> alone{{closed}};
        QVERIFY(!waitForAny(alone, Deadline(10ms)));
        QVERIFY(!alone[0].ready);
    }

    void aDeadlineThatHasPassedIsALook()
    {
        std::vector<Watch> watches{{m_ours.get()}};
        QVERIFY(!waitForAny(watches, Deadline(-1s)));
        QCOMPARE(::write(m_theirs.get(), "x", 1), ssize_t{1});
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

    void aStopIsTheDeadline()
    {
        const auto stop = socketPair();
        const Deadline deadline(1h, stop.first.get());
        QVERIFY(!deadline.passed());
        QCOMPARE(deadline.left(5s), 5s);
        QCOMPARE(::write(stop.second.get(), "x", 1), ssize_t{1});
        QVERIFY(deadline.passed());
        QCOMPARE(deadline.left(), 0ms);
        // What is made of it has it, too; what is made without one has none.
        QCOMPARE(deadline.within(1min).stop(), stop.first.get());
        QVERIFY(deadline.within(1min).passed());
        QCOMPARE(Deadline(1h).stop(), -1);
    }

    void aStopThatWasClosedIsNone()
    {
        const int closed = fcntl(m_ours.get(), F_DUPFD_CLOEXEC, 500);
        QVERIFY(closed >= 500);
        QCOMPARE(::close(closed), 0);
        QVERIFY(!Deadline(1h, closed).passed());
    }

    void aStopEndsAWait()
    {
        const auto stop = socketPair();
        const Bell waits;
        Forked other([&] {
            if (!waits.heard())
                return 1;
            return ::write(stop.second.get(), "x", 1) == 1 ? 0 : 2;
        });
        std::vector<Watch> watches{{m_ours.get()}};
        const Deadline deadline(patience, stop.first.get());
        waits.ring();
        QVERIFY(!waitForAny(watches, deadline)); // the stop itself is none of what was asked for
        QVERIFY(!watches[0].ready);
        QVERIFY(deadline.passed());
        QVERIFY(!waitForAny(watches, deadline)); // at once
        QCOMPARE(other.wait(), 0);
    }

    void readinessCountsBesideAStop()
    {
        const auto stop = socketPair();
        QCOMPARE(::write(stop.second.get(), "x", 1), ssize_t{1});
        QCOMPARE(::write(m_theirs.get(), "x", 1), ssize_t{1});
        std::vector<Watch> watches{{m_ours.get()}};
        QVERIFY(waitForAny(watches, Deadline(patience, stop.first.get())));
        QVERIFY(watches[0].ready);
    }

    void aSleepEndsAtAStop()
    {
        const auto stop = socketPair();
        QCOMPARE(::write(stop.second.get(), "x", 1), ssize_t{1});
        const auto before = std::chrono::steady_clock::now();
        Deadline(patience, stop.first.get()).sleep(patience);
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
        Deadline(10ms).sleep(patience); // and at its deadline
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
    }

    void aSleepIsAsLongAsItWasAsked()
    {
        const auto before = std::chrono::steady_clock::now();
        Deadline(patience).sleep(20ms);
        const auto took = std::chrono::steady_clock::now() - before;
        QVERIFY(took >= 20ms);
        QVERIFY(took < patience);
    }
};

QTEST_APPLESS_MAIN(TestWaiting)
#include "tst_waiting.moc"
