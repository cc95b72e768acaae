// SPDX-License-Identifier: GPL-2.0-or-later
#include "forked.h"
#include "qubes/handshakereader.h"
#include "show.h"

#include <array>
#include <sys/socket.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

class TestHandshakeReader : public QObject
{
    Q_OBJECT

    UniqueFd m_ours;
    UniqueFd m_peer;

    void say(const std::string &bytes) const
    {
        QCOMPARE(::send(m_peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    std::string rest() const
    {
        std::array<char, 4096> buffer{};
        const ssize_t got = ::recv(m_ours.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
    }

private Q_SLOTS:
    void init() { std::tie(m_ours, m_peer) = socketPair(); }

    void notOneByteBehindTheLineIsTaken()
    {
        const std::string usbip("\0\0\0\1\0\0\0\1\0\1\0\2", 12);
        say("65538 480\n" + usbip);
        const auto handshake = readHandshake(m_ours, {}, Deadline(patience));
        VERIFY_SUCCEEDS(handshake);
        QCOMPARE(handshake->devId, 65538U);
        QCOMPARE(rest(), usbip);
    }

    void theLineMayArriveByteByByte()
    {
        Forked peer([this] {
            for (const char c : "131075 5000\n"s) {
                if (::send(m_peer.get(), &c, 1, MSG_NOSIGNAL) != 1)
                    return 1;
                // Gone from the socket before the next is sent.
                becomesTrue([this] {
                    char byte = 0;
                    return ::recv(m_ours.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
                });
            }
            return 0;
        });
        const auto handshake = readHandshake(m_ours, {}, Deadline(patience));
        VERIFY_SUCCEEDS(handshake);
        QCOMPARE(handshake->line(), "131075 5000\n"s);
        QCOMPARE(peer.wait(), 0);
    }

    void silenceEndsAtTheDeadline()
    {
        VERIFY_FAILS(readHandshake(m_ours, {}, Deadline(30ms)), Fault::Timeout);
        say("65538 480"); // no line end
        VERIFY_FAILS(readHandshake(m_ours, {}, Deadline(30ms)), Fault::Timeout);
    }

    void endOfFileIsNoticedInAllPlaces_data()
    {
        QTest::addColumn<QByteArray>("before");
        for (const char *text : {"", "6", "65538", "65538 ", "65538 4", "65538 480"})
            QTest::newRow(text) << QByteArray(text);
    }
    void endOfFileIsNoticedInAllPlaces()
    {
        QFETCH(QByteArray, before);
        say(bytesOf(before));
        m_peer.reset();
        VERIFY_FAILS(readHandshake(m_ours, {}, Deadline(patience)), Fault::Peer);
    }

    void halfCloseBehindTheLineDoesNotMatter()
    {
        say("65538 480\n");
        ::shutdown(m_peer.get(), SHUT_WR);
        VERIFY_SUCCEEDS(readHandshake(m_ours, {}, Deadline(patience)));
    }

    void atMostSixtyFourBytesAreRead()
    {
        say(std::string(1000, 'x'));
        VERIFY_FAILS(readHandshake(m_ours, {}, Deadline(patience)), Fault::Peer);
        QCOMPARE(rest().size(), 1000 - Handshake::maxLength);
    }

    void aLineOfNonsenseIsThePeersFault()
    {
        say("usbip: error\n");
        const auto handshake = readHandshake(m_ours, {}, Deadline(patience));
        VERIFY_FAILS(handshake, Fault::Peer);
        QVERIFY(handshake.error().text.find("usbip: error") != std::string::npos);
    }

    void aStopIsHeard()
    {
        const auto stop = socketPair();
        const auto quiet = socketPair();
        QCOMPARE(::send(stop.second.get(), "x", 1, 0), ssize_t{1});
        VERIFY_FAILS(readHandshake(m_ours, {{quiet.first.get()}, {stop.first.get()}}, Deadline(patience)),
                     Fault::Cancelled);
        VERIFY_FAILS(readHandshake(m_ours, {{stop.first.get()}, {quiet.first.get()}}, Deadline(patience)),
                     Fault::Cancelled);
    }

    void aStopComesBeforeTheLine()
    {
        const auto stop = socketPair();
        QCOMPARE(::send(stop.second.get(), "x", 1, 0), ssize_t{1});
        say("65538 480\n");
        VERIFY_FAILS(readHandshake(m_ours, {{stop.first.get()}}, Deadline(patience)), Fault::Cancelled);
        QCOMPARE(rest(), "65538 480\n"s);
    }

    void aRequestMayBeWithdrawn()
    {
        auto [report, waiter] = socketPair();
        waiter.reset();
        // Only its end is asked for, which is told always.
        VERIFY_FAILS(readHandshake(m_ours, {{report.get(), 0}}, Deadline(patience)), Fault::Cancelled);
    }

    void wordsWhereOnlyTheEndCountsAreNoWithdrawal()
    {
        const auto report = socketPair();
        QCOMPARE(::send(report.second.get(), "x", 1, 0), ssize_t{1});
        VERIFY_FAILS(readHandshake(m_ours, {{report.first.get(), 0}}, Deadline(30ms)), Fault::Timeout);
    }

    void nobodyToWithdrawIt()
    {
        say("65538 480\n");
        VERIFY_SUCCEEDS(readHandshake(m_ours, {{-1}, {-1, 0}}, Deadline(patience)));
    }

    void aStopOfTheDeadlineEndsIt()
    {
        const auto stop = socketPair();
        QCOMPARE(::send(stop.second.get(), "x", 1, 0), ssize_t{1});
        const auto before = std::chrono::steady_clock::now();
        VERIFY_FAILS(readHandshake(m_ours, {}, Deadline(patience, stop.first.get())), Fault::Timeout);
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
    }
};

QTEST_GUILESS_MAIN(TestHandshakeReader)
#include "tst_handshakereader.moc"
