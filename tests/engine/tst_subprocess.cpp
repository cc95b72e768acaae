// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/subprocess.h"
#include "forked.h"
#include "show.h"

#include <QTemporaryDir>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sys/stat.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

Launch shell(const std::string &script)
{
    return {.argv = {"sh", "-c", script}, .out = -1, .err = -1, .extra = {}, .ownSession = false};
}

std::string nameOf(pid_t pid)
{
    std::string name;
    std::ifstream("/proc/" + std::to_string(pid) + "/comm") >> name;
    return name;
}

} // namespace

class TestSubprocess : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void exitCodesAndSignals_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<int>("code");
        QTest::newRow("success") << QByteArray("exit 0") << 0;
        QTest::newRow("failure") << QByteArray("exit 7") << 7;
        QTest::newRow("255") << QByteArray("exit 255") << 255;
        QTest::newRow("SIGTERM") << QByteArray("kill -TERM $$") << 128 + SIGTERM;
        QTest::newRow("SIGKILL") << QByteArray("kill -KILL $$") << 128 + SIGKILL;
    }
    void exitCodesAndSignals()
    {
        QFETCH(QByteArray, script);
        auto program = Subprocess::start(shell(bytesOf(script)));
        VERIFY_SUCCEEDS(program);
        QTEST(program->wait(Deadline(patience)), "code");
        QTEST(program->wait(Deadline(0ms)), "code"); // any number of times
    }

    void aProgramThatRunsHasNoCode()
    {
        auto program =
            Subprocess::start({.argv = {"sleep", "100"}, .out = -1, .err = -1, .extra = {}, .ownSession = false});
        VERIFY_SUCCEEDS(program);
        QCOMPARE(program->wait(Deadline(0ms)), -1);
        QCOMPARE(program->wait(Deadline(20ms)), -1);
        // Before it is another program it has Qt Test's handler of the signal. (The engine has none: see StopSignal.)
        QVERIFY(becomesTrue([&] { return nameOf(program->pid()) == "sleep"; }));
        program->terminate();
        QCOMPARE(program->wait(Deadline(patience)), 128 + SIGTERM);
    }

    void killEndsWhatTerminateDoesNot()
    {
        auto program = Subprocess::start(shell("trap '' TERM; kill -STOP $$"));
        VERIFY_SUCCEEDS(program);
        program->kill();
        QCOMPARE(program->wait(Deadline(patience)), 128 + SIGKILL);
    }

    void missingProgramsAreMissing()
    {
        const auto program = Subprocess::start(
            {.argv = {"qubes-usb-no-such-program"}, .out = -1, .err = -1, .extra = {}, .ownSession = false});
        VERIFY_FAILS(program, Fault::Missing);
        QVERIFY(program.error().text.find("qubes-usb-no-such-program") != std::string::npos);
    }

    void exactlyTheGivenDescriptors()
    {
        const UniqueFd leak(open("/dev/null", O_RDONLY)); // one that nobody closes on exec
        const auto [first, firstPeer] = socketPair();
        const auto [second, secondPeer] = socketPair();
        const auto [out, outPeer] = socketPair();
        auto program = Subprocess::start({.argv = {"sleep", "100"},
                                          .out = out.get(),
                                          .err = -1,
                                          .extra = {second.get(), first.get()},
                                          .ownSession = false});
        VERIFY_SUCCEEDS(program);
        const std::string process = "/proc/" + std::to_string(program->pid());
        const auto target = [](const UniqueFd &fd) {
            return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd.get())).string();
        };
        const std::map<std::string, std::string> expected{
            {"0", "/dev/null"}, {"1", target(out)}, {"2", "/dev/null"}, {"3", target(second)}, {"4", target(first)}};
        std::map<std::string, std::string> descriptors;
        // While it starts it has others: ours before exec, and the libraries that the loader opens.
        becomesTrue([&] {
            descriptors.clear();
            for (const auto &entry : std::filesystem::directory_iterator(process + "/fd")) {
                std::error_code closed;
                descriptors[entry.path().filename()] = std::filesystem::read_symlink(entry.path(), closed);
            }
            return nameOf(program->pid()) == "sleep" && descriptors == expected;
        });
        program->kill();
        QCOMPARE(program->wait(Deadline(patience)), 128 + SIGKILL);
        QCOMPARE(descriptors, expected);
    }

    void aDescriptorMayComeInTheWayOfAnother()
    {
        // FD 3 becomes 4 and 4 becomes 3.
        Forked process([] {
            for (int fd = 3; fd < 64; ++fd)
                close(fd);
            auto [a, b] = socketPair();
            if (a.get() != 3 || b.get() != 4)
                return 1;
            auto program = Subprocess::start({.argv = {"/bin/sh", "-c", "printf a >&3; printf b >&4"},
                                              .out = -1,
                                              .err = -1,
                                              .extra = {b.get(), a.get()},
                                              .ownSession = false});
            if (!program || program->wait(Deadline(patience)) != 0)
                return 2;
            char fromA = 0;
            char fromB = 0;
            if (read(a.get(), &fromA, 1) != 1 || read(b.get(), &fromB, 1) != 1)
                return 3;
            // The one that was written to FD 3, our b, is read at a.
            return fromA == 'a' && fromB == 'b' ? 0 : 4;
        });
        QCOMPARE(process.wait(), 0);
    }

    void signalsAreAsInAFreshProcess()
    {
        Forked process([] {
            sigset_t all;
            sigfillset(&all);
            sigprocmask(SIG_BLOCK, &all, nullptr);
            std::signal(SIGPIPE, SIG_IGN);
            const auto finished =
                runProgram({"sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status"}, Deadline(patience));
            const std::string none = "\t0000000000000000\n";
            return finished && finished->out == "SigBlk:" + none + "SigIgn:" + none ? 0 : 1;
        });
        QCOMPARE(process.wait(), 0);
    }

    void aSessionOfItsOwn()
    {
        const auto session = [](bool own) {
            Launch launch = shell("test $(cut -d' ' -f6 /proc/$$/stat) = $$");
            launch.ownSession = own;
            auto program = Subprocess::start(launch);
            return program ? program->wait(Deadline(patience)) : -1;
        };
        QCOMPARE(session(true), 0);
        QCOMPARE(session(false), 1);
    }

    void outputIsCollected()
    {
        const auto finished =
            runProgram({"sh", "-c", "echo one; echo two >&2; echo three; exit 3"}, Deadline(patience));
        VERIFY_SUCCEEDS(finished);
        QCOMPARE(finished->code, 3);
        QCOMPARE(finished->out, "one\nthree\n"s);
    }

    void outputIsBounded()
    {
        const auto finished = runProgram({"head", "-c", "1000000", "/dev/zero"}, Deadline(patience));
        VERIFY_SUCCEEDS(finished);
        QCOMPARE(finished->code, 0); // it was read to its end
        QCOMPARE(finished->out.size(), std::size_t{65536});
    }

    void inputIsEmpty()
    {
        const auto finished = runProgram({"cat"}, Deadline(patience));
        VERIFY_SUCCEEDS(finished);
        QCOMPARE(finished->out, ""s);
    }

    void aProgramThatDoesNotEndIsKilled()
    {
        const QTemporaryDir dir;
        const std::string pidFile = dir.path().toStdString() + "/pid";
        const auto finished = runProgram({"sh", "-c", "echo $$ >" + pidFile + "; exec sleep 100"}, Deadline(1500ms));
        VERIFY_FAILS(finished, Fault::Timeout);
        std::ifstream file(pidFile);
        pid_t pid = 0;
        QVERIFY(file >> pid);
        QVERIFY(::kill(pid, 0) != 0);
    }

    void aStopEndsAProgram()
    {
        const auto stop = socketPair();
        QCOMPARE(::write(stop.second.get(), "x", 1), ssize_t{1});
        const auto before = std::chrono::steady_clock::now();
        VERIFY_FAILS(runProgram({"sleep", "100"}, Deadline(patience, stop.first.get())), Fault::Timeout);
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
    }

    void programsAreFoundInTheGivenFolders()
    {
        const QTemporaryDir dir;
        const std::string folder = dir.path().toStdString();
        QCOMPARE(findProgram("tool", folder), ""s);
        std::ofstream(folder + "/tool") << "";
        QCOMPARE(findProgram("tool", folder), ""s); // not executable
        QCOMPARE(chmod((folder + "/tool").c_str(), 0755), 0);
        QCOMPARE(findProgram("tool", folder), folder + "/tool");
        QCOMPARE(findProgram("tool", "/nowhere:" + folder), folder + "/tool");
        QCOMPARE(findProgram("tool", "/nowhere:" + folder + ":/elsewhere"), folder + "/tool");
        QCOMPARE(findProgram(folder + "/tool", ""), folder + "/tool");
        QCOMPARE(findProgram(folder + "/none"), ""s);
        QCOMPARE(findProgram("tool"), ""s);
    }
};

QTEST_GUILESS_MAIN(TestSubprocess)
#include "tst_subprocess.moc"
