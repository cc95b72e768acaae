// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/speed.h"

using namespace engine;

class TestSpeed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void speedsOfTheKernel_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<unsigned>("code");
        QTest::addColumn<bool>("isSuper");
        QTest::newRow("low") << QByteArray("1.5") << 1U << false;
        QTest::newRow("full") << QByteArray("12") << 2U << false;
        QTest::newRow("high") << QByteArray("480") << 3U << false;
        QTest::newRow("wireless, enumerated as high speed") << QByteArray("53.3-480") << 3U << false;
        QTest::newRow("super") << QByteArray("5000") << 5U << true;
        QTest::newRow("super plus") << QByteArray("10000") << 6U << true;
        QTest::newRow("super plus, two lanes") << QByteArray("20000") << 6U << true;
    }
    void speedsOfTheKernel()
    {
        QFETCH(QByteArray, text);
        const auto speed = Speed::parse(bytesOf(text));
        QVERIFY(speed);
        QCOMPARE(speed->text(), bytesOf(text));
        QTEST(speed->code(), "code");
        QTEST(speed->isSuper(), "isSuper");
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text : {"", "unknown", "0", "1", "1.50", "15", "480 ", " 480", "480\n", "0480", "5000.0",
                                 "40000", "-480", "4800", "48"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL behind") << QByteArray("480\0", 4);
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!Speed::parse(bytesOf(hostile)));
    }
};

QTEST_GUILESS_MAIN(TestSpeed)
#include "tst_speed.moc"
