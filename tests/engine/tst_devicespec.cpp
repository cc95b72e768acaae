// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/devicespec.h"

using namespace engine;

class TestDeviceSpec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBusid()
    {
        const auto spec = DeviceSpec::parse("1-1.4");
        QVERIFY(spec);
        QCOMPARE(spec->text(), std::string("1-1.4"));
        QVERIFY(spec->busid());
        QCOMPARE(spec->busid()->text(), std::string("1-1.4"));
        QVERIFY(!spec->vidPid());
    }

    void aVendorAndProductId()
    {
        const auto spec = DeviceSpec::parse("0x46f4.0x0001");
        QVERIFY(spec);
        QVERIFY(spec->vidPid());
        QVERIFY(!spec->busid());
        QVERIFY((*spec->vidPid() == VidPid{0x46f4, 0x0001}));
    }

    void hexDigitsOfEitherCaseMeanTheSame()
    {
        const auto upper = DeviceSpec::parse("0xABCD.0xEF09");
        const auto lower = DeviceSpec::parse("0xabcd.0xef09");
        QVERIFY(upper && lower);
        QVERIFY(*upper->vidPid() == *lower->vidPid());
        QCOMPARE(upper->text(), std::string("0xABCD.0xEF09")); // names the file, so it stays as it was given
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text : {"",
                                 "0x46f4",
                                 "0x46f4.",
                                 "0x46f4:0x0001",
                                 "46f4.0001",
                                 "46f4:0001",
                                 "0x46f4.0x001",
                                 "0x46f4.0x00001",
                                 "0X46f4.0x0001",
                                 "0x46f4.0X0001",
                                 "0x46g4.0x0001",
                                 "0x46f4.0x000 ",
                                 " 0x46f4.0x0001",
                                 "0x46f4.0x0001\n",
                                 "0x46f4.0x0001 ",
                                 "0x-6f4.0x0001",
                                 "0x+6f4.0x0001",
                                 "0x46f4 0x0001",
                                 "0x46f4..x0001",
                                 "1-1:1.0",
                                 "usb1",
                                 "../2-1",
                                 "2-1/..",
                                 "0x46f4.0x../",
                                 "0x....0x....",
                                 "*"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL within") << QByteArray("0x46f4.0x00\0001", 13);
        QTest::newRow("NUL behind") << QByteArray("0x46f4.0x0001\0", 14);
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!DeviceSpec::parse(bytesOf(hostile)));
    }
};

QTEST_GUILESS_MAIN(TestDeviceSpec)
#include "tst_devicespec.moc"
