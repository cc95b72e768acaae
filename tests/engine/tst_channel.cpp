// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/channel.h"

#include "base/packet.h"
#include "base/waiting.h"
#include "forked.h"
#include "processes/keeper.h"
#include "show.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;

namespace {

using Kind = Message::Kind;

bool isReadable(int fd)
{
    pollfd entry{fd, POLLIN, 0};
    return poll(&entry, 1, 0) == 1;
}

bool isSameFile(int one, int other)
{
    struct stat first
    {
    };
    struct stat second
    {
    };
    return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

bool closesOnExec(int fd)
{
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

} // namespace

class TestChannel : public QObject
{
    Q_OBJECT

    std::optional<Channel> m_keeper;
    std::optional<Channel> m_relay;

    void verifyReceived(const Message &sent) const
    {
        const auto received = m_relay->receive();
        QVERIFY(received);
        QVERIFY(received->message.kind == sent.kind);
        QCOMPARE(received->message.fault, sent.fault);
        QCOMPARE(received->message.devId, sent.devId);
        QCOMPARE(received->message.text, sent.text);
        QVERIFY(!received->descriptor);
    }
    /// A message as the other end would get it, to be changed a little.
    std::string wireOf(const Message &message) const
    {
        static_cast<void>(m_keeper->send(message)); // shows in what is received
        const auto packet = receivePacket(m_relay->fd());
        return packet ? packet->bytes : std::string();
    }

    /// What a keeper that has failed, and has taken no longer than `undoing` to undo what it did, tells its relay.
    static Result<void> outcomeOf(std::chrono::milliseconds undoing, std::chrono::milliseconds patient)
    {
        auto keeper = Keeper::start([&](const Channel &relay) -> Result<void> {
            const Error why{Fault::Blocked, "not allowed"};
            sayWhy(relay, why);
            std::vector<Watch> watches{{relay.fd()}};
            waitForAny(watches, Deadline(undoing)); // or until nobody waits any more
            return why;
        });
        return keeper ? keeper->outcome(patient) : Result<void>(keeper.error());
    }

private Q_SLOTS:
    void init()
    {
        auto ends = Channel::pair();
        VERIFY_SUCCEEDS(ends);
        m_keeper.emplace(std::move(ends->first));
        m_relay.emplace(std::move(ends->second));
    }

    void everyMessageComesThrough()
    {
        for (auto kind = static_cast<std::uint32_t>(Kind::Ready); kind <= static_cast<std::uint32_t>(Kind::Ended);
             ++kind) {
            const Message message{static_cast<Kind>(kind), Fault::Busy, 0xfffefdfcU, "480"};
            VERIFY_SUCCEEDS(m_keeper->send(message));
            verifyReceived(message);
        }
        for (int fault = 0; fault <= static_cast<int>(Fault::Cancelled); ++fault) {
            const Message message{Kind::Ended, static_cast<Fault>(fault), 0, "why"};
            VERIFY_SUCCEEDS(m_keeper->send(message));
            verifyReceived(message);
        }
    }

    void theyComeInOrderAndEachAlone()
    {
        VERIFY_SUCCEEDS(m_keeper->send({Kind::Ready, Fault::System, 1, "one"}));
        VERIFY_SUCCEEDS(m_keeper->send({Kind::Given, Fault::System, 2, ""}));
        QVERIFY(isReadable(m_relay->fd()));
        verifyReceived({Kind::Ready, Fault::System, 1, "one"});
        verifyReceived({Kind::Given, Fault::System, 2, ""});
        QVERIFY(!isReadable(m_relay->fd()));
    }

    void bothEndsTalk()
    {
        VERIFY_SUCCEEDS(m_relay->send({Kind::Stop, Fault::System, 0, ""}));
        const auto received = m_keeper->receive();
        QVERIFY(received && received->message.kind == Kind::Stop);
    }

    void aTextMayHoldAnyByte()
    {
        const Message message{Kind::Ended, Fault::Peer, 0, "a\nb\0c\xff"s};
        VERIFY_SUCCEEDS(m_keeper->send(message));
        verifyReceived(message);
    }

    void aLongTextIsCut()
    {
        VERIFY_SUCCEEDS(m_keeper->send({Kind::Ended, Fault::Peer, 0, std::string(500, 'x') + "yz"}));
        verifyReceived({Kind::Ended, Fault::Peer, 0, std::string(500, 'x')});
    }

    void aDescriptorGoesAlong()
    {
        const auto connection = socketPair();
        VERIFY_SUCCEEDS(m_relay->send({Kind::Socket, Fault::System, 7, "480"}, connection.first.get()));
        const auto received = m_keeper->receive();
        QVERIFY(received && received->descriptor);
        QCOMPARE(received->message.devId, 7U);
        QVERIFY(isSameFile(received->descriptor.get(), connection.first.get()));
        QVERIFY(closesOnExec(received->descriptor.get()));
        QVERIFY(fcntl(connection.first.get(), F_GETFD) >= 0); // the sender keeps its own
    }

    void descriptorsAreNotHandedDown()
    {
        QVERIFY(closesOnExec(m_keeper->fd()));
        QVERIFY(closesOnExec(m_relay->fd()));
    }

    void theEndOfTheOtherIsHeardBehindItsLastWords()
    {
        VERIFY_SUCCEEDS(m_keeper->send({Kind::Ended, Fault::System, 0, ""}));
        m_keeper.reset();
        QVERIFY(isReadable(m_relay->fd()));
        verifyReceived({Kind::Ended, Fault::System, 0, ""});
        QVERIFY(isReadable(m_relay->fd()));
        QVERIFY(!m_relay->receive());
    }

    void itsDeathIs()
    {
        Forked keeper([this] {
            m_relay.reset();
            raise(SIGKILL);
            return 0;
        });
        m_keeper.reset();
        QVERIFY(becomesTrue([this] { return isReadable(m_relay->fd()); }));
        QVERIFY(!m_relay->receive());
    }

    void nobodyIsThereToTell()
    {
        m_keeper.reset();
        const auto sent = m_relay->send({Kind::Stop, Fault::System, 0, ""});
        VERIFY_FAILS(sent, Fault::System);
        QCOMPARE(sent.error().number, EPIPE);
    }

    void nobodyWaits()
    {
        QVERIFY(!m_relay->receive());
        // The other end is alive and never reads: at some point there is no room.
        Result<void> sent;
        for (int n = 0; n < 100000 && sent; ++n)
            sent = m_keeper->send({Kind::Usable, Fault::System, 0, std::string(500, 'x')});
        VERIFY_FAILS(sent, Fault::System);
        QCOMPARE(sent.error().number, EAGAIN);
    }

    void aKeeperThatFailsUndoesFirst()
    {
        const auto failed = outcomeOf(std::chrono::milliseconds(0), patience);
        VERIFY_FAILS(failed, Fault::Blocked);
        QCOMPARE(failed.error().text, "not allowed"s);
    }

    void itsReasonDoesNotWaitForAnUndoThatHangs()
    {
        const auto failed = outcomeOf(patience, std::chrono::milliseconds(200));
        VERIFY_FAILS(failed, Fault::Blocked);
        QCOMPARE(failed.error().text, "not allowed (what was done for it is still being undone)"s);
    }

    void nonsenseIsNoMessage_data()
    {
        QTest::addColumn<int>("at"); // which of the four numbers in front
        QTest::addColumn<quint32>("number");
        QTest::newRow("no kind") << 0 << 0U;
        QTest::newRow("kind too large") << 0 << static_cast<quint32>(Kind::Ended) + 1;
        QTest::newRow("fault too large") << 1 << static_cast<quint32>(Fault::Cancelled) + 1;
        QTest::newRow("text too long") << 3 << 501U;
        QTest::newRow("text far too long") << 3 << 0xffffffffU;
    }
    void nonsenseIsNoMessage()
    {
        QFETCH(int, at);
        QFETCH(quint32, number);
        std::string wire = wireOf({Kind::Ready, Fault::System, 1, "480"});
        QVERIFY(!wire.empty());
        VERIFY_SUCCEEDS(sendPacket(m_keeper->fd(), wire));
        verifyReceived({Kind::Ready, Fault::System, 1, "480"}); // as it is it is one
        std::memcpy(wire.data() + static_cast<std::size_t>(at) * sizeof number, &number, sizeof number);
        const auto along = socketPair();
        VERIFY_SUCCEEDS(sendPacket(m_keeper->fd(), wire, along.first.get()));
        QVERIFY(!m_relay->receive());
    }

    void anotherLengthIsNoMessage()
    {
        const std::string wire = wireOf({Kind::Ready, Fault::System, 1, "480"});
        QVERIFY(!wire.empty());
        for (const std::string &bytes : {"x"s, wire.substr(1), wire + 'x', std::string(packetLimit, '\0')}) {
            VERIFY_SUCCEEDS(sendPacket(m_keeper->fd(), bytes));
            QVERIFY(!m_relay->receive());
        }
    }

    void aPacketBeyondTheLimitIsNone()
    {
        VERIFY_SUCCEEDS(sendPacket(m_keeper->fd(), std::string(packetLimit, 'x')));
        QCOMPARE(receivePacket(m_relay->fd())->bytes, std::string(packetLimit, 'x'));
        VERIFY_SUCCEEDS(sendPacket(m_keeper->fd(), std::string(packetLimit + 1, 'x')));
        QVERIFY(!receivePacket(m_relay->fd()));
    }

    void noDescriptorOfARefusedPacketStays()
    {
        // The end of this pair is seen only if no process has the other end.
        auto along = socketPair();
        VERIFY_SUCCEEDS(sendPacket(m_keeper->fd(), std::string(packetLimit + 1, 'x'), along.first.get()));
        along.first.reset();
        QVERIFY(!isReadable(along.second.get())); // on its way
        QVERIFY(!receivePacket(m_relay->fd()));
        QVERIFY(isReadable(along.second.get()));
    }
};

QTEST_APPLESS_MAIN(TestChannel)
#include "tst_channel.moc"
