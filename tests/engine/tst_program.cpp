// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/standard.h"
#include "forked.h"
#include "show.h"

#include <QTemporaryDir>
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace std::string_literals;

namespace {

struct Outcome
{
    int code = -1;
    std::string out;
    std::string err;
};

std::string readAll(const engine::UniqueFd &fd)
{
    std::string all;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(fd.get(), buffer.data(), buffer.size())) > 0;)
        all.append(buffer.data(), static_cast<std::size_t>(got));
    return all;
}

/// Runs the program with `input` on a socket as its FD 0, as under qrexec, and nothing in its environment but this.
Outcome run(const std::string &name, std::vector<std::string> words, const std::string &input,
            std::vector<std::string> environment)
{
    auto in = socketPair();
    auto out = socketPair();
    auto err = socketPair();
    Forked process([&] {
        dup2(in.second.get(), STDIN_FILENO);
        dup2(out.second.get(), STDOUT_FILENO);
        dup2(err.second.get(), STDERR_FILENO);
        words.insert(words.begin(), name);
        std::vector<char *> arguments;
        arguments.reserve(words.size() + 1);
        for (std::string &word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        std::vector<char *> variables;
        variables.reserve(environment.size() + 1);
        for (std::string &variable : environment)
            variables.push_back(variable.data());
        variables.push_back(nullptr);
        execve(ENGINE_PROGRAM, arguments.data(), variables.data());
        return 99;
    });
    in.second.reset();
    out.second.reset();
    err.second.reset();
    // What refuses its arguments may be gone before its input comes.
    ::send(in.first.get(), input.data(), input.size(), MSG_NOSIGNAL);
    ::shutdown(in.first.get(), SHUT_WR);
    Outcome outcome;
    outcome.err = readAll(err.first);
    outcome.out = readAll(out.first);
    outcome.code = process.wait();
    return outcome;
}

bool isOneLineForPeople(const std::string &text)
{
    return text.size() > 1 && text.size() < 400 && text.find('\n') == text.size() - 1 &&
           std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; });
}

} // namespace

/// The program itself. What is refused here is refused before anything of the system is touched.
class TestProgram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        // Not as root it would start itself again through sudo.
        if (geteuid() != 0)
            QSKIP("needs root"); // CI is root; its count of skipped tests shows it elsewhere
    }

    void nonsenseIsABadRequest_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QStringList>("environment");
        const QStringList called{"QREXEC_REMOTE_DOMAIN=work", "QREXEC_AGENT_PID=1"};
        const auto add = [](const char *name, const QStringList &words, const QByteArray &input,
                            const QStringList &environment) { QTest::newRow(name) << words << input << environment; };
        add("nothing", {}, "", {});
        add("unknown command", {"frobnicate\x1b[2J"}, "", {});
        add("unknown option", {"list", "--colour"}, "", {});
        add("export of an interface", {"export", "1-1:1.0"}, "", called);
        add("export of a path", {"export", "../../etc"}, "", called);
        add("export by hand", {"export", "2-1"}, "", {});
        add("export to nobody", {"export", "2-1"}, "", {"QREXEC_REMOTE_DOMAIN=../x"});
        add("export without a process to signal", {"export", "2-1"}, "", called);
        add("import of another file", {"import", "/etc/passwd"}, "65538 480\n", called);
        add("import by hand", {"import", "/run/qubes/usb-import-sys-usb-2-1.state"}, "65538 480\n", {});
        add("attach of nothing", {"attach"}, "", {});
        add("attach of nonsense", {"attach"}, "sys-usb ../../x\n", {});
        add("attach with two blanks", {"attach"}, "sys-usb  2-1\n", {});
        add("attach with too much", {"attach"}, QByteArray(100000, 'x'), {});
        add("attach with control bytes", {"attach"}, "\x1b[2J\xff 2-1\n", {});
        add("detach of nothing", {"detach"}, "\n", {});
        add("detach of an interface", {"detach"}, "sys-usb 1-1:1.0\n", {});
        add("detach-all of one", {"detach-all", "2-1"}, "", {});
        add("settle of one", {"settle", "2-1"}, "", {});
        add("reset of nonsense", {"reset", "usb1"}, "", {});
        add("publish of an interface", {"publish", "add", "1-1:1.0"}, "", {});
        add("publish of an unknown action", {"publish", "bind\x07", "2-1"}, "", {});
    }
    void nonsenseIsABadRequest()
    {
        QFETCH(QStringList, words);
        QFETCH(QByteArray, input);
        QFETCH(QStringList, environment);
        const auto plain = [](const QStringList &list) {
            std::vector<std::string> all;
            for (const QString &one : list)
                all.push_back(one.toStdString());
            return all;
        };
        const Outcome outcome = run("qubes-usb-engine", plain(words), bytesOf(input), plain(environment));
        QCOMPARE(outcome.code, 2);
        QCOMPARE(outcome.out, ""s);
        QVERIFY2(isOneLineForPeople(outcome.err), outcome.err.c_str());
    }

    void todaysNamesActAlike()
    {
        const Outcome outcome = run("/usr/lib/qubes/usb-export", {"1-1:1.0"}, "", {});
        QCOMPARE(outcome.code, 2);
        QVERIFY(outcome.err.find("name the whole device") != std::string::npos);
    }

    void noFileBecomesAStandardDescriptor_data()
    {
        QTest::addColumn<QList<int>>("closed");
        QTest::newRow("none") << QList<int>{};
        QTest::newRow("standard error") << QList<int>{2};
        QTest::newRow("all but standard output") << QList<int>{0, 2};
        QTest::newRow("all") << QList<int>{0, 1, 2};
    }
    void noFileBecomesAStandardDescriptor()
    {
        QFETCH(QList<int>, closed);
        Forked process([&closed] {
            for (int fd = 3; fd < 64; ++fd)
                ::close(fd);
            for (const int fd : closed)
                ::close(fd);
            engine::openStandardDescriptors();
            for (const int fd : closed) {
                struct stat info
                {
                };
                struct stat null
                {
                };
                if (fstat(fd, &info) != 0 || stat("/dev/null", &null) != 0 || info.st_rdev != null.st_rdev)
                    return 1 + fd;
            }
            // None is left over.
            return fcntl(3, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY | O_CLOEXEC) == 3 ? 0 : 9;
        });
        QCOMPARE(process.wait(), 0);
    }

    void helpAndVersionGoToStdout()
    {
        const Outcome help = run("qubes-usb-engine", {"--help"}, "", {});
        QCOMPARE(help.code, 0);
        QVERIFY(help.out.starts_with("Usage: qubes-usb-engine"));
        QCOMPARE(help.err, ""s);
        const Outcome version = run("qubes-usb-engine", {"--version"}, "", {});
        QCOMPARE(version.code, 0);
        QVERIFY(version.out.starts_with("qubes-usb-engine "));
    }
};

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_program.moc"
