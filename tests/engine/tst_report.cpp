// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/report.h"

using namespace engine;
using namespace std::string_literals;

class TestReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void success()
    {
        const Report report{std::nullopt, "3-1"};
        QCOMPARE(report.line(), "ok 3-1\n"s);
        const auto back = Report::parse("ok 3-1");
        QVERIFY(back && !back->failure);
        QCOMPARE(back->localBusid, "3-1"s);
    }

    void everyFailureSurvives()
    {
        for (int fault = static_cast<int>(Fault::System); fault <= static_cast<int>(Fault::Cancelled); ++fault) {
            std::string line = Report{Error{static_cast<Fault>(fault), "it did not work: 3 of 4"}, {}}.line();
            QVERIFY(line.ends_with('\n'));
            line.pop_back();
            const auto back = Report::parse(line);
            QVERIFY(back && back->failure);
            QCOMPARE(static_cast<int>(back->failure->fault), fault);
            QCOMPARE(back->failure->text, "it did not work: 3 of 4"s);
        }
    }

    void aReasonStaysOneLine()
    {
        const std::string line = Report{Error{Fault::Peer, "a\nok 3-1\nb\x1b" + std::string(1000, 'x')}, {}}.line();
        QCOMPARE(line.find('\n'), line.size() - 1);
        QVERIFY(line.starts_with("fail 6 a ok 3-1 b_xxx"));
        QVERIFY(line.size() < 520);
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text :
             {"", "ok", "ok ", "ok 3-1 ", "ok 3-1\n", "ok ../3-1", "ok 1-1:1.0", "OK 3-1", " ok 3-1", "fail", "fail ",
              "fail 1", "fail x y", "fail -1 y", "fail 11 y", "fail 01 y", "failed 1 y", "fail  1 y"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL") << QByteArray("ok 3-1\0", 7);
    }
    void everythingElseIsRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!Report::parse(bytesOf(hostile)));
    }
};

QTEST_GUILESS_MAIN(TestReport)
#include "tst_report.moc"
