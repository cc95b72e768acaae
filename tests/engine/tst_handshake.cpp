// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/handshake.h"

#include <algorithm>

using namespace engine;
using namespace std::string_literals;

class TestHandshake : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLineIsReadAndWritten()
    {
        const auto handshake = Handshake::parse("65538 480");
        VERIFY_SUCCEEDS(handshake);
        QCOMPARE(handshake->devId, 65538U); // bus 1, device 2
        QCOMPARE(handshake->speed.text(), "480"s);
        QCOMPARE(handshake->line(), "65538 480\n"s);
    }

    void theWholeRangeOfDeviceNumbers()
    {
        QCOMPARE(Handshake::parse("1 12")->devId, 1U);
        QCOMPARE(Handshake::parse("4294967295 20000")->devId, 0xffffffffU);
    }

    void furtherWordsAreIgnored()
    {
        const auto handshake = Handshake::parse("65538 5000 and more");
        VERIFY_SUCCEEDS(handshake);
        QCOMPARE(handshake->speed.text(), "5000"s);
        VERIFY_SUCCEEDS(Handshake::parse("65538 5000 "));
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text : {"",
                                 " ",
                                 "65538",
                                 "65538 ",
                                 " 65538 480",
                                 "65538  480",
                                 "480",
                                 "0 480",
                                 "00 480",
                                 "065538 480",
                                 "-1 480",
                                 "+1 480",
                                 "0x10002 480",
                                 "4294967296 480",
                                 "18446744073709551617 480",
                                 "65538 481",
                                 "65538 unknown",
                                 "65538 0480",
                                 "65538\t480",
                                 "65538 480\r",
                                 "65538 480\n",
                                 "65538,480",
                                 "abc 480",
                                 "65538 480\x7f",
                                 "65538 480 caf\xc3\xa9",
                                 "65538 480 \x1b[2J",
                                 "-1 -1",
                                 "1 1 1 1"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL within") << QByteArray("65538\0 480", 10);
        QTest::newRow("NUL behind") << QByteArray("65538 480\0", 10);
        QTest::newRow("64 bytes without line end") << QByteArray("65538 480 ").append(QByteArray(54, 'x'));
        QTest::newRow("a megabyte") << QByteArray("65538 480 ").append(QByteArray(1 << 20, 'x'));
        QTest::newRow("bytes of USB/IP") << QByteArray("\0\0\0\3\0\0\0\1", 8);
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, hostile);
        const auto handshake = Handshake::parse(bytesOf(hostile));
        VERIFY_FAILS(handshake, Fault::Peer);
        // What the peer sent is shown, harmlessly.
        const std::string &text = handshake.error().text;
        QVERIFY(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }));
        QVERIFY(text.size() < 150);
    }

    void sixtyThreeBytesAndALineEndAreTheMost()
    {
        VERIFY_SUCCEEDS(Handshake::parse("65538 480 " + std::string(53, 'x')));
        VERIFY_FAILS(Handshake::parse("65538 480 " + std::string(54, 'x')), Fault::Peer);
    }
};

QTEST_GUILESS_MAIN(TestHandshake)
#include "tst_handshake.moc"
