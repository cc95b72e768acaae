// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/busid.h"

using namespace engine;

class TestBusId : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesOfWholeDevices_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text :
             {"1-1", "2-1", "1-1.4", "10-2.3.4.5.6.7", "65535-65535", "1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"})
            QTest::newRow(text) << QByteArray(text);
    }
    void namesOfWholeDevices()
    {
        QFETCH(QByteArray, text);
        const auto busid = BusId::parse(bytesOf(text));
        QVERIFY(busid);
        QCOMPARE(busid->text(), bytesOf(text));
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text : {"",
                                 "1",
                                 "-",
                                 "1-",
                                 "-1",
                                 "1--1",
                                 "1-1-1",
                                 "1-1.",
                                 "1-.1",
                                 "1-1..1",
                                 "0-1",
                                 "1-0",
                                 "1-1.0",
                                 "01-1",
                                 "1-01",
                                 "1-1.01",
                                 "+1-1",
                                 "1-+1",
                                 " 1-1",
                                 "1-1 ",
                                 "1-1\n",
                                 "\n1-1",
                                 "1-1\t",
                                 "1 -1",
                                 "1-1:1.0",
                                 "usb1",
                                 "1-1/..",
                                 "../1-1",
                                 "..",
                                 "1-../1",
                                 "1-1/../../x",
                                 "0x1-1",
                                 "1-a",
                                 "1-1;id",
                                 "1-1%s",
                                 "65536-1",
                                 "1-65536",
                                 "4294967297-1",
                                 "18446744073709551617-1",
                                 "1_1",
                                 "1-1_4",
                                 "*",
                                 "1-*"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL behind") << QByteArray("1-1\0", 4);
        QTest::newRow("NUL within") << QByteArray("1-1\0.2", 6);
        // 31 bytes is the longest that the kernel's table takes.
        QTest::newRow("32 bytes") << QByteArray("11-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1");
        QTest::newRow("a megabyte") << QByteArray("1-1").append(QByteArray(1 << 20, '1'));
        QTest::newRow("Arabic digit") << QByteArray("1-\xd9\xa1");
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!BusId::parse(bytesOf(hostile)));
    }

    void lengthBoundIsThatOfTheKernel()
    {
        const std::string longest = "1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1";
        QCOMPARE(longest.size(), std::size_t{31});
        QVERIFY(BusId::parse(longest));
        QVERIFY(!BusId::parse("1" + longest));
    }

    void equalTextsAreEqual()
    {
        QVERIFY(BusId::parse("1-1") == BusId::parse("1-1"));
        QVERIFY(BusId::parse("1-1") != BusId::parse("1-2"));
    }
};

QTEST_GUILESS_MAIN(TestBusId)
#include "tst_busid.moc"
