// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/qubename.h"

using namespace engine;

class TestQubeName : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesThatQubesAllows_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"a", "Z", "sys-usb", "dom0", "work_2.x", "disp1234", "a..b", "a-", "win-dm",
                                 "abcdefghijklmnopqrstuvwxyz01234", "abcdefghijklmnopqrstuvwxyz01234-dm"})
            QTest::newRow(text) << QByteArray(text);
    }
    void namesThatQubesAllows()
    {
        QFETCH(QByteArray, text);
        const auto name = QubeName::parse(bytesOf(text));
        QVERIFY(name);
        QCOMPARE(name->text(), bytesOf(text));
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text : {"",
                                 " ",
                                 "-",
                                 "-dm",
                                 "1a",
                                 "-a",
                                 "_a",
                                 ".a",
                                 "..",
                                 "../etc",
                                 "a/b",
                                 "/a",
                                 "a b",
                                 " a",
                                 "a ",
                                 "a\n",
                                 "a\t",
                                 "a:b",
                                 "a+b",
                                 "a@b",
                                 "@dispvm",
                                 "@default",
                                 "$adminvm",
                                 "a;id",
                                 "a'b",
                                 "a%s",
                                 "a\\b",
                                 "--help",
                                 "abcdefghijklmnopqrstuvwxyz012345",
                                 "abcdefghijklmnopqrstuvwxyz012345-dm"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL behind") << QByteArray("a\0", 2);
        QTest::newRow("UTF-8") << QByteArray("caf\xc3\xa9");
        QTest::newRow("a megabyte") << QByteArray(1 << 20, 'a');
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!QubeName::parse(bytesOf(hostile)));
    }

    void stubDomainsBelongToAQube()
    {
        QCOMPARE(QubeName::parse("win-dm")->withoutStubdomain(), *QubeName::parse("win"));
        QCOMPARE(QubeName::parse("win")->withoutStubdomain(), *QubeName::parse("win"));
        QCOMPARE(QubeName::parse("win-dm-dm")->withoutStubdomain(), *QubeName::parse("win-dm"));
    }
};

QTEST_GUILESS_MAIN(TestQubeName)
#include "tst_qubename.moc"
