// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/waiting.h"
#include "forked.h"
#include "show.h"

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
};

QTEST_APPLESS_MAIN(TestWaiting)
#include "tst_waiting.moc"
