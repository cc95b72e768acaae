// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/commandline.h"
#include "show.h"
#include "values/exitcode.h"

#include <set>

using namespace engine;
using namespace std::string_literals;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

namespace {

Result<CommandLine> parse(Words words)
{
    words.insert(words.begin(), "/usr/bin/qubes-usb-engine");
    return CommandLine::parse(words);
}

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void commandsAndTheirOperands_data()
    {
        QTest::addColumn<QStringList>("words");
        for (const char *line : {"export 2-1", "import /run/qubes/usb-import-a-2-1.state", "attach", "detach",
                                 "detach-all", "settle", "reset 2-1", "publish add 2-1", "list", "check"})
            QTest::newRow(line) << QString(line).split(' ');
    }
    void commandsAndTheirOperands()
    {
        QFETCH(QStringList, words);
        Words all;
        for (const QString &word : words)
            all.push_back(word.toStdString());
        const auto line = parse(all);
        VERIFY_SUCCEEDS(line);
        QCOMPARE(line->command, all.front());
        QCOMPARE(line->operands, Words(all.begin() + 1, all.end()));
        // One more or one less is refused.
        Words more = all;
        more.emplace_back("x");
        VERIFY_FAILS(parse(more), Fault::BadRequest);
        if (all.size() > 1) {
            all.pop_back();
            VERIFY_FAILS(parse(all), Fault::BadRequest);
        }
        QVERIFY(CommandLine::usage().find("  " + words.front().toStdString()) != std::string::npos);
    }

    void todaysNamesAreLinks_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("command");
        QTest::addColumn<QByteArray>("operand");
        QTest::newRow("export") << QByteArray("/usr/lib/qubes/usb-export") << QByteArray("export") << QByteArray("2-1");
        QTest::newRow("import") << QByteArray("/usr/lib/qubes/usb-import") << QByteArray("import") << QByteArray("f");
        QTest::newRow("reset") << QByteArray("usb-reset") << QByteArray("reset") << QByteArray("2-1");
        QTest::newRow("detach-all") << QByteArray("usb-detach-all") << QByteArray("detach-all") << QByteArray();
    }
    void todaysNamesAreLinks()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, command);
        QFETCH(QByteArray, operand);
        Words words{bytesOf(name)};
        if (!operand.isEmpty())
            words.push_back(bytesOf(operand));
        const auto line = CommandLine::parse(words);
        VERIFY_SUCCEEDS(line);
        QCOMPARE(line->command, bytesOf(command));
        QCOMPARE(line->operands, Words(words.begin() + 1, words.end()));
    }

    void options()
    {
        const auto line = parse({"--verbose", "attach", "--timeout", "7", "--json", "--all", "--resume"});
        VERIFY_SUCCEEDS(line);
        QVERIFY(line->verbose && line->json && line->all && line->resume);
        QVERIFY(line->timeout == 7s);
        const auto import = parse({"import", "--report-fd=3", "--errors-fd=4", "file"});
        VERIFY_SUCCEEDS(import);
        QCOMPARE(import->reportFd, 3);
        QCOMPARE(import->errorsFd, 4);
        const auto plain = parse({"detach-all"});
        VERIFY_SUCCEEDS(plain);
        QVERIFY(!plain->verbose && !plain->json && !plain->all && !plain->resume && !plain->timeout);
        QCOMPARE(plain->reportFd, -1);
        QCOMPARE(plain->errorsFd, -1);
        QVERIFY(CommandLine::usage().find(" --resume") != std::string::npos);
    }

    void helpAndVersionComeFirst()
    {
        for (const char *word : {"--help", "-h"})
            QCOMPARE(parse({word})->command, "help"s);
        QCOMPARE(parse({"attach", "--help", "--bad"})->command, "help"s);
        QCOMPARE(parse({"--version"})->command, "version"s);
    }

    void operandsMayBeginWithADash()
    {
        const auto line = parse({"reset", "--", "--help"});
        VERIFY_SUCCEEDS(line);
        QCOMPARE(line->operands, Words{"--help"});
    }

    void everythingElseIsRefused_data()
    {
        QTest::addColumn<QStringList>("words");
        const auto add = [](const QStringList &words) { QTest::newRow(qPrintable(words.join(' '))) << words; };
        add({});
        add({"frobnicate"});
        add({""});
        add({"help"});
        add({"version"});
        add({"list", "-x"});
        add({"list", "--jso"});
        add({"detach-all", "--resum"});
        add({"detach-all", "--resume=1"});
        add({"attach", "--timeout"});
        for (const char *bad : {"", "0", "-1", "1s", "3601", "99999999999999999999", "1.5"})
            add({"attach", "--timeout", bad});
        for (const char *bad : {"--report-fd=", "--report-fd=2", "--report-fd=-1", "--report-fd=1024", "--errors-fd=0",
                                "--errors-fd=x", "--report-fd"})
            add({"import", bad, "f"});
    }
    void everythingElseIsRefused()
    {
        QFETCH(QStringList, words);
        Words all;
        for (const QString &word : words)
            all.push_back(word.toStdString());
        VERIFY_FAILS(parse(all), Fault::BadRequest);
    }

    void withoutEvenAName() { VERIFY_FAILS(CommandLine::parse({}), Fault::BadRequest); }

    void hostileWordsAreShownHarmlessly()
    {
        const auto line = parse({"a\x1b[2J\n" + std::string(1000, 'x')});
        VERIFY_FAILS(line, Fault::BadRequest);
        QVERIFY(line.error().text.size() < 100);
        for (const char c : line.error().text)
            QVERIFY(c >= 0x20 && c < 0x7f);
    }

    void theSameCommandAgain_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::newRow("all") << QStringList{"import",    "--report-fd=3", "--errors-fd=4", "--timeout", "9",
                                            "--verbose", "--json",        "--all",         "--",        "--odd"};
        QTest::newRow("plain") << QStringList{"list"};
        QTest::newRow("resume") << QStringList{"detach-all", "--resume"};
    }
    void theSameCommandAgain()
    {
        QFETCH(QStringList, words);
        Words all;
        for (const QString &word : words)
            all.push_back(word.toStdString());
        const auto line = parse(all);
        VERIFY_SUCCEEDS(line);
        const auto again = parse(sameCommand(*line));
        VERIFY_SUCCEEDS(again);
        QCOMPARE(again->command, line->command);
        QCOMPARE(again->operands, line->operands);
        QVERIFY(again->timeout == line->timeout);
        QCOMPARE(again->reportFd, line->reportFd);
        QCOMPARE(again->errorsFd, line->errorsFd);
        QVERIFY(again->json == line->json && again->all == line->all && again->verbose == line->verbose &&
                again->resume == line->resume);
    }

    void exitCodesNeverMeanSomethingElse()
    {
        std::set<int> codes;
        for (int fault = 0; fault <= static_cast<int>(Fault::Cancelled); ++fault)
            codes.insert(exitCodeOf(static_cast<Fault>(fault)));
        QCOMPARE(codes.size(), static_cast<std::size_t>(Fault::Cancelled) + 1); // each its own
        // 0 is success, 127 "not installed", 125 and 255 qrexec's own.
        for (const int taken : {0, 125, 127, 255})
            QVERIFY(!codes.contains(taken));
        QVERIFY(*codes.begin() > 0 && *codes.rbegin() < 127);
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
