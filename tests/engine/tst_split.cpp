// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/split.h"

using namespace engine;
using namespace std::string_literals;

class TestSplit : public QObject
{
    Q_OBJECT

    using Parts = std::vector<std::string>;

private Q_SLOTS:
    void lines()
    {
        QVERIFY(linesOf("").empty());
        QVERIFY((linesOf("\n") == Parts{""}));
        QVERIFY((linesOf("one") == Parts{"one"}));
        QVERIFY((linesOf("one\n\nthree\n") == Parts{"one", "", "three"}));
    }
    void atZeros() { QVERIFY((split("a\0--\0b c\0"s, '\0') == Parts{"a", "--", "b c"})); }
    void lastPartOfAPath()
    {
        QCOMPARE(baseName("/usr/bin/engine"), "engine"s);
        QCOMPARE(baseName("engine"), "engine"s);
        QCOMPARE(baseName("/sys/"), ""s);
    }
    void words()
    {
        QVERIFY(wordsOf("").empty());
        QVERIFY(wordsOf(" \t ").empty());
        QVERIFY((wordsOf("  hs\t0000  004\r\n") == Parts{"hs", "0000", "004"}));
    }
};

QTEST_APPLESS_MAIN(TestSplit)
#include "tst_split.moc"
