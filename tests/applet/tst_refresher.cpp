// SPDX-License-Identifier: GPL-2.0-or-later
// When what is read again.
#include "stage.h"

#include "model/refresher.h"

#include <QTest>

using model::ReadKey;
using model::Refresher;
using What = ReadKey::What;
using std::chrono::milliseconds;

class TestRefresher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_refresher.reset(); }

    void marksAreGathered();
    void aStormIsNotWaitedFor();
    void markedWhileBeingRead();
    void aFlappingThingIsNotReadWithoutAPause();
    void oneDoesNotPutOffAnother();
    void waiterHearsOfAReadThatBeganAfterItsCall();
    void failedIsTriedAgainLaterAndLater();
    void hopelessIsNot();
    void forgottenQube();
    void answersOfAnEarlierLife();
    void age();

private:
    std::unique_ptr<Refresher> makeRefresher(Refresher::Timing timing);
    void finish(const ReadKey &key, Refresher::Outcome outcome = Refresher::Outcome::Read);
    int dues(const ReadKey &key) const { return static_cast<int>(m_due.count(key)); }

    std::unique_ptr<Refresher> m_refresher;
    QList<ReadKey> m_due;
    QHash<ReadKey, quint64> m_tickets;
    const ReadKey m_usb{What::Devices, testing::Stage::qube("sys-usb")};
    const ReadKey m_net{What::Devices, testing::Stage::qube("sys-net")};
};

void TestRefresher::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
    m_due.clear();
    m_refresher = makeRefresher({milliseconds(20), milliseconds(60), milliseconds(10), milliseconds(40)});
}

std::unique_ptr<Refresher> TestRefresher::makeRefresher(Refresher::Timing timing)
{
    auto made = std::make_unique<Refresher>(timing);
    connect(made.get(), &Refresher::due, this, [this](const ReadKey &key, quint64 ticket) {
        m_due.append(key);
        m_tickets.insert(key, ticket);
    });
    return made;
}

void TestRefresher::finish(const ReadKey &key, Refresher::Outcome outcome)
{
    QVERIFY(m_refresher->finished(key, m_tickets.value(key), outcome));
    m_refresher->settle(key, outcome == Refresher::Outcome::Read);
}

void TestRefresher::marksAreGathered()
{
    for (int i = 0; i < 50; ++i) {
        m_refresher->mark(m_usb);
        m_refresher->mark(m_net);
    }
    QVERIFY(m_due.isEmpty());
    EVENTUALLY(m_due.size() == 2);
    finish(m_usb);
    QVERIFY(!m_refresher->isIdle());
    finish(m_net);
    QVERIFY(m_refresher->isIdle());
}

void TestRefresher::aStormIsNotWaitedFor()
{
    QTimer storm;
    connect(&storm, &QTimer::timeout, this, [this] { m_refresher->mark(m_usb); });
    storm.start(milliseconds(1)); // never quiet for so long as to be due by that
    EVENTUALLY(m_due.size() == 1);
}

void TestRefresher::markedWhileBeingRead()
{
    m_refresher->markNow(m_usb);
    EVENTUALLY(dues(m_usb) == 1);
    m_refresher->markNow(m_usb);
    m_refresher->markNow(m_net);
    EVENTUALLY(dues(m_net) == 1);
    QCOMPARE(dues(m_usb), 1); // not twice at once
    finish(m_usb);
    EVENTUALLY(dues(m_usb) == 2);
}

/// Marks that come during a read wait their moment like all others.
void TestRefresher::aFlappingThingIsNotReadWithoutAPause()
{
    m_refresher = makeRefresher({std::chrono::hours(1), std::chrono::hours(1)});
    m_refresher->markNow(m_usb);
    EVENTUALLY(dues(m_usb) == 1);
    m_refresher->mark(m_usb);
    finish(m_usb);
    m_refresher->markNow(m_net);
    EVENTUALLY(dues(m_net) == 1);
    QCOMPARE(dues(m_usb), 1);
    QVERIFY(m_refresher->isPending(m_usb));
    m_refresher->markNow(m_usb); // who waits for it does not wait that long
    EVENTUALLY(dues(m_usb) == 2);
}

void TestRefresher::oneDoesNotPutOffAnother()
{
    m_refresher = makeRefresher({milliseconds(50), std::chrono::hours(1)});
    QTimer storm;
    connect(&storm, &QTimer::timeout, this, [this] { m_refresher->mark(m_net); });
    storm.start(milliseconds(1));
    m_refresher->mark(m_usb);
    EVENTUALLY(dues(m_usb) == 1);
}

void TestRefresher::waiterHearsOfAReadThatBeganAfterItsCall()
{
    m_refresher->markNow(m_usb);
    EVENTUALLY(dues(m_usb) == 1);
    QList<bool> heard;
    m_refresher->markNow(m_usb, [&](bool read) { heard.append(read); });
    finish(m_usb); // that one began before
    QVERIFY(heard.isEmpty());
    EVENTUALLY(dues(m_usb) == 2);
    finish(m_usb);
    QCOMPARE(heard, QList<bool>{true});
    m_refresher->markNow(m_usb, [&](bool read) { heard.append(read); });
    EVENTUALLY(dues(m_usb) == 3);
    finish(m_usb, Refresher::Outcome::Failed);
    QCOMPARE(heard, (QList<bool>{true, false}));
}

void TestRefresher::failedIsTriedAgainLaterAndLater()
{
    m_refresher->markNow(m_usb);
    for (int attempt = 1; attempt <= 5; ++attempt) {
        EVENTUALLY(dues(m_usb) == attempt);
        finish(m_usb, Refresher::Outcome::Failed);
        QVERIFY(m_refresher->isIdle()); // what is tried again some time holds nobody up
        QVERIFY(!m_refresher->age(m_usb));
    }
}

void TestRefresher::hopelessIsNot()
{
    m_refresher->markNow(m_usb);
    EVENTUALLY(dues(m_usb) == 1);
    finish(m_usb, Refresher::Outcome::Hopeless);
    // Longer than all retries of another would take.
    m_refresher->markNow(m_net);
    for (int attempt = 1; attempt <= 4; ++attempt) {
        EVENTUALLY(dues(m_net) == attempt);
        finish(m_net, Refresher::Outcome::Failed);
    }
    QCOMPARE(dues(m_usb), 1);
}

void TestRefresher::forgottenQube()
{
    QList<bool> heard;
    m_refresher->markNow(m_usb, [&](bool read) { heard.append(read); });
    EVENTUALLY(dues(m_usb) == 1);
    m_refresher->forget(*m_usb.qube);
    QCOMPARE(heard, QList<bool>{false});
    QVERIFY(!m_refresher->finished(m_usb, m_tickets.value(m_usb), Refresher::Outcome::Read));
    QVERIFY(m_refresher->isIdle());
}

void TestRefresher::answersOfAnEarlierLife()
{
    QList<bool> heard;
    m_refresher->markNow(m_usb, [&](bool read) { heard.append(read); });
    EVENTUALLY(dues(m_usb) == 1);
    const quint64 old = m_tickets.value(m_usb);
    m_refresher->reset();
    QCOMPARE(heard, QList<bool>{false});
    m_refresher->markNow(m_usb);
    EVENTUALLY(dues(m_usb) == 2);
    QVERIFY(!m_refresher->finished(m_usb, old, Refresher::Outcome::Read));
    finish(m_usb);
    QCOMPARE(heard.size(), 1);
}

void TestRefresher::age()
{
    QVERIFY(!m_refresher->age(m_usb));
    m_refresher->markNow(m_usb);
    QVERIFY(m_refresher->isPending(m_usb));
    EVENTUALLY(dues(m_usb) == 1);
    QVERIFY(m_refresher->isPending(m_usb));
    finish(m_usb);
    QVERIFY(!m_refresher->isPending(m_usb));
    EVENTUALLY(m_refresher->age(m_usb) >= milliseconds(5));
}

QTEST_GUILESS_MAIN(TestRefresher)
#include "tst_refresher.moc"
