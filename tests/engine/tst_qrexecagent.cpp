// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeagent.h"
#include "qubes/qrexecagent.h"
#include "show.h"

#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace engine;
using namespace std::chrono_literals;

namespace {

QrexecAgent agentOf(const FakeAgent &fake)
{
    return *QrexecAgent::parse(std::to_string(fake.pid()));
}

bool isDevNull(int fd)
{
    struct stat info
    {
    };
    struct stat null
    {
    };
    return fstat(fd, &info) == 0 && stat("/dev/null", &null) == 0 && info.st_rdev == null.st_rdev;
}

} // namespace

class TestQrexecAgent : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aProcessNumber()
    {
        const auto agent = QrexecAgent::parse("1234");
        VERIFY_SUCCEEDS(agent);
        QCOMPARE(agent->pid(), 1234);
    }

    void otherNumbersAreRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        // 0, -1 and 1 would signal our group, everybody, and init.
        for (const char *text : {"", "0", "1", "-1", "-1234", " 1234", "1234 ", "01234", "0x4d2", "2147483648",
                                 "4294967297", "99999999999999999999", "abc"})
            QTest::newRow(text) << QByteArray(text);
    }
    void otherNumbersAreRefused()
    {
        QFETCH(QByteArray, hostile);
        VERIFY_FAILS(QrexecAgent::parse(bytesOf(hostile)), Fault::BadRequest);
    }

    void waitsForTheSwitch()
    {
        const FakeAgent fake(FakeAgent::Manner::Prompt);
        VERIFY_SUCCEEDS(agentOf(fake).useSingleSocket(fake.out(), Deadline(patience)));
        // Closed only now, and replaced, so that nothing else gets its number.
        QVERIFY(isDevNull(fake.out()));
    }

    void anAgentThatMissedTheSignalIsPoked()
    {
        const FakeAgent fake(FakeAgent::Manner::MissesOnce);
        // It does not switch by itself.
        VERIFY_SUCCEEDS(agentOf(fake).useSingleSocket(fake.out(), Deadline(patience)));
    }

    void anAgentThatNeverSwitchesTimesOut()
    {
        const FakeAgent fake(FakeAgent::Manner::Deaf);
        VERIFY_FAILS(agentOf(fake).useSingleSocket(fake.out(), Deadline(150ms)), Fault::Timeout);
        // FD 1 is still open then: closed before the switch, it would end our direction of the connection.
        QVERIFY(!isDevNull(fake.out()));
    }

    void nothingIsSentOverFd1()
    {
        FakeAgent fake(FakeAgent::Manner::Deaf);
        auto [out, agentSide] = socketPair();
        VERIFY_FAILS(agentOf(fake).useSingleSocket(out.get(), Deadline(50ms)), Fault::Timeout);
        char byte = 0;
        QVERIFY(::recv(agentSide.get(), &byte, 1, MSG_DONTWAIT) < 0);
        QCOMPARE(errno, EAGAIN);
    }

    void anAgentThatIsGoneIsLost()
    {
        FakeAgent fake(FakeAgent::Manner::Prompt);
        fake.process().killHard();
        VERIFY_FAILS(agentOf(fake).useSingleSocket(fake.out(), Deadline(patience)), Fault::Peer);
    }

    void anAgentThatEndsAtTheSignalIsNotWaitedFor()
    {
        FakeAgent fake(FakeAgent::Manner::EndsAtSignal);
        // Its end of FD 1 is closed with it, which looks like the switch: that the connection is lost shows at FD 0.
        const auto switched = agentOf(fake).useSingleSocket(fake.out(), Deadline(patience));
        QVERIFY(switched || switched.error().fault == Fault::Peer);
        QCOMPARE(fake.process().wait(), 1);
    }

    void aSocketServiceHasOneSocketFromTheStart()
    {
        FakeAgent fake(FakeAgent::Manner::EndsAtSignal);
        const UniqueFd file(open("/dev/null", O_WRONLY | O_CLOEXEC));
        VERIFY_SUCCEEDS(agentOf(fake).useSingleSocket(file.get(), Deadline(patience)));
        QCOMPARE(fake.process().wait(50ms), -1); // not signalled
    }
};

QTEST_GUILESS_MAIN(TestQrexecAgent)
#include "tst_qrexecagent.moc"
