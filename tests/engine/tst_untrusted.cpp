// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/untrusted.h"

using namespace engine;
using namespace std::string_literals;

class TestUntrusted : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textBecomesOneLineOfPrintableAscii_data()
    {
        QTest::addColumn<QByteArray>("untrusted");
        QTest::addColumn<QByteArray>("clean");
        QTest::newRow("plain text is kept")
            << QByteArray("QEMU USB (R) <b>\"%s\"") << QByteArray("QEMU USB (R) <b>\"%s\"");
        QTest::newRow("control bytes") << QByteArray("a\x1b[31mb\x07\x7f") << QByteArray("a_[31mb__");
        QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray("a_b");
        QTest::newRow("UTF-8, a mark for each byte") << QByteArray("caf\xc3\xa9") << QByteArray("caf__");
        QTest::newRow("right-to-left override") << QByteArray("\xe2\x80\xae"
                                                              "exe")
                                                << QByteArray("___exe");
        QTest::newRow("runs of blanks") << QByteArray("a \t\r\n  b") << QByteArray("a b");
        QTest::newRow("blanks around") << QByteArray("\n  a  \n") << QByteArray("a");
        QTest::newRow("only blanks") << QByteArray(" \n\t ") << QByteArray("");
        QTest::newRow("nothing") << QByteArray("") << QByteArray("");
    }
    void textBecomesOneLineOfPrintableAscii()
    {
        QFETCH(QByteArray, untrusted);
        QFETCH(QByteArray, clean);
        QCOMPARE(cleanText(bytesOf(untrusted), 100), bytesOf(clean));
    }

    void longTextIsCutAndSaysSo()
    {
        QCOMPARE(cleanText("0123456789", 10), "0123456789"s);
        QCOMPARE(cleanText("0123456789a", 10), "0123456..."s);
        QCOMPARE(cleanText(std::string(1000000, 'x'), 40).size(), std::size_t{40});
        QCOMPARE(cleanText("0123456789   ", 10), "0123456789"s);
        QCOMPARE(cleanText("0123456789 a", 10), "0123456..."s);
    }

    void noLimitIsEverExceeded()
    {
        for (std::size_t limit = 0; limit < 12; ++limit)
            QVERIFY2(cleanText("a longer text", limit).size() <= limit, std::to_string(limit).c_str());
    }

    void lastLinesAreJoined()
    {
        QCOMPARE(lastLines("first\nsecond\n", 100), "first; second"s);
        QCOMPARE(lastLines("no line end", 100), "no line end"s);
        QCOMPARE(lastLines("", 100), ""s);
        QCOMPARE(lastLines("\n\n \n", 100), ""s);
        QCOMPARE(lastLines("a\r\n\x1b[0mb\n", 100), "a; _[0mb"s);
    }

    void lastLinesCountWhenThereIsNoRoom()
    {
        QCOMPARE(lastLines("aaaa\nbbbb\ncccc\n", 10), "bbbb; cccc"s);
        QCOMPARE(lastLines("aaaa\nbbbb\ncccc\n", 9), "cccc"s);
        QCOMPARE(lastLines("a\n" + std::string(500, 'x'), 20).size(), std::size_t{20});
    }

    void repeatedLinesAreSaidOnce() { QCOMPARE(lastLines("busy\nbusy\nbusy\n", 100), "busy"s); }

    void numbersAreStrict_data()
    {
        QTest::addColumn<QByteArray>("untrusted");
        for (const char *text : {"", " ", "-1", "+1", "1 ", " 1", "01", "00", "0x1", "1.0", "1e3", "a", "1\n", "256",
                                 "99999999999999999999", "18446744073709551616", "184467440737095516160"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL behind") << QByteArray("1\0", 2);
        QTest::newRow("Arabic digit") << QByteArray("\xd9\xa1");
    }
    void numbersAreStrict()
    {
        QFETCH(QByteArray, untrusted);
        QVERIFY(!parseNumber(bytesOf(untrusted), 255));
    }

    void numbersPaddedWithZeros()
    {
        QCOMPARE(parsePaddedNumber("0000", 255), std::optional<std::uint64_t>(0));
        QCOMPARE(parsePaddedNumber("0015", 255), std::optional<std::uint64_t>(15));
        QCOMPARE(parsePaddedNumber("15", 255), std::optional<std::uint64_t>(15));
        for (const char *text : {"", "0256", "-001", "00x1", " 001", "0x1"})
            QVERIFY2(!parsePaddedNumber(text, 255), text);
    }

    void numbersUpToTheMaximum()
    {
        QCOMPARE(parseNumber("0", 255), std::optional<std::uint64_t>(0));
        QCOMPARE(parseNumber("255", 255), std::optional<std::uint64_t>(255));
        QCOMPARE(parseNumber("0", 0), std::optional<std::uint64_t>(0));
        QVERIFY(!parseNumber("1", 0));
        QVERIFY(!parseNumber("9", 7));
        QVERIFY(!parseNumber("19", 7));
        constexpr auto top = ~std::uint64_t{0};
        QCOMPARE(parseNumber("18446744073709551615", top), std::optional(top));
        QVERIFY(!parseNumber("18446744073709551616", top));
        QVERIFY(!parseNumber("18446744073709551625", top));
    }
};

QTEST_GUILESS_MAIN(TestUntrusted)
#include "tst_untrusted.moc"
