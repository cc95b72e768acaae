// SPDX-License-Identifier: GPL-2.0-or-later
#include "forked.h"
#include "kernel/connection.h"
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

using namespace engine;

class TestConnection : public QObject
{
    Q_OBJECT

    UniqueFd m_ours;
    UniqueFd m_peer;

    static bool wakes(const Connection &connection)
    {
        pollfd entry{connection.fd(), POLLRDHUP, 0};
        return poll(&entry, 1, static_cast<int>(patience.count())) == 1;
    }

private Q_SLOTS:
    void init() { std::tie(m_ours, m_peer) = socketPair(); }

    void endsWhenThePeerCloses()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        QVERIFY(!connection->ended());
        m_peer.reset();
        QVERIFY(connection->ended());
        QVERIFY(wakes(*connection));
    }

    void endsWhenThePeerShutsDownItsHalf()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        ::shutdown(m_peer.get(), SHUT_WR);
        QVERIFY(connection->ended());
    }

    void aSleeperIsWoken()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        const Bell go;
        Forked peer([&] {
            go.heard();
            ::shutdown(m_peer.get(), SHUT_RDWR);
            return 0;
        });
        go.ring();
        QVERIFY(wakes(*connection));
    }

    void trafficIsNoEnd()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        QCOMPARE(::send(m_peer.get(), "data", 4, 0), ssize_t{4});
        QVERIFY(!connection->ended());
    }

    void notAByteIsRead()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        QCOMPARE(::send(m_peer.get(), "data", 4, 0), ssize_t{4});
        m_peer.reset();
        QVERIFY(connection->ended());
        std::array<char, 8> buffer{};
        QCOMPARE(::recv(m_ours.get(), buffer.data(), buffer.size(), MSG_DONTWAIT), ssize_t{4});
    }

    void endReachesBothSidesWhoeverHoldsTheSocket()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        const auto seen = Connection::watch(m_peer);
        VERIFY_SUCCEEDS(seen);
        connection->end();
        connection->end();
        QVERIFY(connection->ended());
        QVERIFY(seen->ended());
        char byte = 0;
        QCOMPARE(::recv(m_peer.get(), &byte, 1, 0), ssize_t{0});
        QVERIFY(::send(m_ours.get(), "x", 1, MSG_NOSIGNAL) < 0);
    }

    /// However it comes: what is undone behind an exception needs a connection that has ended.
    void whoeverWatchedItEndsIt()
    {
        const auto seen = Connection::watch(m_peer);
        VERIFY_SUCCEEDS(seen);
        {
            auto connection = Connection::watch(m_ours);
            VERIFY_SUCCEEDS(connection);
            const auto moved = std::move(connection);
            QVERIFY(!seen->ended());
        }
        QVERIFY(seen->ended());
    }

    void theWatchIsNotInherited()
    {
        const auto connection = Connection::watch(m_ours);
        VERIFY_SUCCEEDS(connection);
        QCOMPARE(fcntl(connection->fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        QVERIFY(connection->fd() > 2);
    }

    void theStandardSocketIsTakenOutOfTheWay()
    {
        Forked service([this] {
            if (dup2(m_ours.get(), STDIN_FILENO) != STDIN_FILENO)
                return 1;
            m_ours.reset();
            auto socket = takeStandardSocket();
            if (!socket || socket->get() < 3 || (fcntl(socket->get(), F_GETFD) & FD_CLOEXEC) == 0)
                return 2;
            char byte = 0;
            if (read(STDIN_FILENO, &byte, 1) != 0) // /dev/null
                return 3;
            return ::send(socket->get(), "!", 1, MSG_NOSIGNAL) == 1 ? 0 : 4;
        });
        m_ours.reset();
        char byte = 0;
        QCOMPARE(::recv(m_peer.get(), &byte, 1, 0), ssize_t{1});
        QCOMPARE(service.wait(), 0);
        QCOMPARE(::recv(m_peer.get(), &byte, 1, 0), ssize_t{0}); // nothing else held it
    }

    void whatTheKernelWouldNotTakeIsRefused_data()
    {
        QTest::addColumn<int>("type");
        QTest::newRow("a file") << 0;
        QTest::newRow("datagrams") << int{SOCK_DGRAM};
        QTest::newRow("packets") << int{SOCK_SEQPACKET};
    }
    void whatTheKernelWouldNotTakeIsRefused()
    {
        QFETCH(int, type);
        Forked service([type] {
            std::array<int, 2> ends{};
            const int fd = type == 0                                        ? open("/dev/null", O_RDWR)
                           : socketpair(AF_UNIX, type, 0, ends.data()) == 0 ? ends[0]
                                                                            : -1;
            if (dup2(fd, STDIN_FILENO) != STDIN_FILENO)
                return 1;
            const auto socket = takeStandardSocket();
            return !socket && socket.error().fault == Fault::System ? 0 : 2;
        });
        QCOMPARE(service.wait(), 0);
    }
};

QTEST_GUILESS_MAIN(TestConnection)
#include "tst_connection.moc"
