// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/locktable.h"
#include "commands/attacher.h"
#include "commands/request.h"
#include "fakeprograms.h"
#include "fakesysfs.h"
#include "forked.h"
#include "processes/lease.h"
#include "show.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <sys/wait.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

/// A script stands in for qrexec-client-vm and the import that it starts: FD 2 is the backend's stderr, FD 3 the
/// report of the import, FD 4 where the import reads the backend's stderr later on.
class TestAttacher : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakePrograms> m_programs;
    ImportKey m_key = *ImportKey::fromRequest("sys-usb 2-1");

    std::string file(const std::string &name) const { return m_fake->paths().run + '/' + name; }
    Result<std::string> run(std::chrono::milliseconds limit = patience) const
    {
        const StopSignal stop;
        const Log log(false);
        return Attacher(m_fake->paths(), stop, log)
            .run(m_key, {.client = "qrexec-client-vm", .engine = "/usr/bin/qubes-usb-engine", .limit = limit});
    }
    Result<std::string> runWith(const std::string &client, std::chrono::milliseconds limit = patience) const
    {
        m_programs->install("qrexec-client-vm", client);
        return run(limit);
    }
    /// A script's line that leaves its process's number.
    std::string noteItself() const
    {
        return "echo $$ >" + file("pid.new") + "; mv " + file("pid.new") + ' ' + file("pid") + '\n';
    }
    pid_t noted() const { return static_cast<pid_t>(std::atoi(FakeSysfs::get(file("pid")).c_str())); }

    /// Another import of the device: has its lock, does this, and ends.
    std::unique_ptr<Forked> import(const std::function<void()> &what) const
    {
        const Bell locked;
        auto process = std::make_unique<Forked>([&] {
            auto own = LockTable::open(m_fake->paths());
            const auto lock = own->lock(importLock("sys-usb", "2-1"));
            locked.ring();
            what();
            return lock ? 0 : 1;
        });
        return locked.heard() ? std::move(process) : nullptr;
    }
    /// The lease of another import, and what the kernel says of its port.
    bool leavesLease(const std::string &port) const
    {
        m_fake->setPort(0, port);
        const auto folder = LockTable::open(m_fake->paths());
        return Leases(m_fake->paths()).save(ImportLease{m_key, 0, "3-1", 0x10002}) && folder;
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadVhci();
        std::filesystem::create_directories(m_fake->paths().run);
        m_programs = std::make_unique<FakePrograms>(m_fake->paths());
    }
    void cleanup() { m_fake.reset(); }

    void theCall()
    {
        const auto busid = runWith("echo ok 3-1 >&3");
        VERIFY_SUCCEEDS(busid);
        QCOMPARE(*busid, "3-1"s);
        auto calls = m_programs->calls();
        QCOMPARE(calls.size(), std::size_t{1});
        QCOMPARE(calls[0].size(), std::size_t{11});
        // What is left of its own time, but for the answer.
        const int seconds = std::stoi(calls[0][9]);
        QVERIFY(seconds > 0 && seconds <= (patience - 5s).count() / 1000);
        calls[0][9] = "N";
        QCOMPARE(calls[0],
                 (std::vector<std::string>{"qrexec-client-vm", "--", "sys-usb", "qubes.USB+2-1",
                                           "/usr/bin/qubes-usb-engine", "import", "--report-fd=3", "--errors-fd=4",
                                           "--timeout", "N", file("usb-import-sys-usb-2-1.state")}));
    }

    void itReturnsAtOnceAndTheClientLivesOn()
    {
        const auto busid = runWith(noteItself() + "echo ok 3-1 >&3; exec sleep 1000");
        const pid_t client = noted();
        const bool lives = client > 1 && ::kill(client, 0) == 0 && waitpid(client, nullptr, WNOHANG) == 0;
        if (client > 1)
            ::kill(client, SIGKILL);
        VERIFY_SUCCEEDS(busid);
        QCOMPARE(*busid, "3-1"s);
        QVERIFY(lives);
        QCOMPARE(waitpid(client, nullptr, 0), client);
    }

    void theImportReadsTheBackendsWordsLaterOn()
    {
        // FD 4 is the other end of the client's FD 2.
        VERIFY_SUCCEEDS(runWith("if [ \"$(readlink /proc/$$/fd/4)\" = \"$(readlink /proc/$$/fd/2)\" ]; "
                                "then echo ok 3-1 >&3; else echo fail 0 another pipe >&3; fi"));
    }

    void whyItFailed_data()
    {
        QTest::addColumn<QByteArray>("client");
        QTest::addColumn<int>("fault");
        QTest::addColumn<QByteArray>("text"); // part of it
        const auto row = [](const char *name, const char *client, Fault fault, const char *text) {
            QTest::newRow(name) << QByteArray(client) << static_cast<int>(fault) << QByteArray(text);
        };
        row("the import's own reason", "echo fail 4 all virtual ports are in use >&3; exit 1", Fault::Busy,
            "all virtual ports are in use");
        row("counts more than the backend's", "echo fail 5 no module >&3; echo other >&2; exit 1", Fault::Missing,
            "no module");
        row("or a code of qrexec", "echo fail 5 no module >&3; exit 126", Fault::Missing, "no module");
        row("the import timed out", "echo fail 8 it did not answer in time >&3; exit 1", Fault::Timeout,
            "sys-usb: it did not answer in time");
        row("and the backend said why", "echo fail 8 it did not answer >&3; echo resetting >&2; exit 1", Fault::Timeout,
            "sys-usb: it did not answer (it says: resetting)");
        row("the backend left, and said why", "echo fail 6 it ended >&3; echo device is a hub >&2; exit 1", Fault::Peer,
            "qube sys-usb says: device is a hub");
        row("the backend left", "echo fail 6 it ended >&3; exit 1", Fault::Peer, "qube sys-usb: it ended");
        row("refused by the policy", "exit 126", Fault::Denied, "dom0 does not allow it");
        row("refused, with words of qrexec", "echo Request refused >&2; exit 126", Fault::Denied,
            "dom0 does not allow it");
        row("no service", "exit 127", Fault::Peer, "has no service qubes.USB");
        row("no service, and the import says it ended", "echo fail 6 it ended >&3; exit 127", Fault::Peer,
            "has no service qubes.USB");
        row("a service that cannot run", "exit 125", Fault::Peer, "cannot run its service");
        row("lost", "exit 255", Fault::Peer, "the connection to qube sys-usb was lost");
        row("lost, with words", "echo going down >&2; exit 255", Fault::Peer, "qube sys-usb says: going down");
        row("any other code", "exit 7", Fault::Peer, "without a reason (exit code 7)");
        row("any other code, with words", "echo no such device >&2; exit 7", Fault::Peer,
            "qube sys-usb says: no such device");
        row("success without a report", "exit 0", Fault::Peer, "without a reason (exit code 0)");
        row("qrexec's own line is not the backend's",
            "echo '2026-11-27 10:00:00.123 qrexec-client-vm['$$']: process_io.c:88:handle: vchan connection closed "
            "early (fds: 1 -1 -1, status: 1 -1)' >&2; exit 7",
            Fault::Peer, "without a reason (exit code 7)");
        row("nor part of its words",
            "echo device is mounted >&2; echo '2026-11-27 10:00:00.123 qrexec-client-vm['$$']: process_io.c:88:handle: "
            "vchan connection closed early' >&2; exit 7",
            Fault::Peer, "qube sys-usb says: device is mounted");
        row("qrexec of this qube speaks for itself",
            "echo '2026-11-27 10:00:00.123 qrexec-client-vm['$$']: qrexec-client-vm.c:123:main: Data link "
            "connection failed' >&2; exit 1",
            Fault::System, "qrexec of this qube says: Data link connection failed");
        row("who only pretends to be qrexec of this qube is the backend",
            "echo '2026-11-27 10:00:00.123 qrexec-client-vm[1]: a.c:1:main: give me all' >&2; exit 1", Fault::Peer,
            "qube sys-usb says: 2026-11-27 10:00:00.123 qrexec-client-vm[1]: a.c:1:main: give me all");
        row("a report that is none", "echo ok ../../etc >&3; exit 7", Fault::Peer, "(exit code 7)");
        row("words that are no text", R"(printf 'a\033[31mb\377\n' >&2; exit 7)", Fault::Peer, "says: a_[31mb_");
    }
    void whyItFailed()
    {
        QFETCH(QByteArray, client);
        QFETCH(int, fault);
        QFETCH(QByteArray, text);
        const auto failed = runWith(bytesOf(client));
        VERIFY_FAILS(failed, static_cast<Fault>(fault));
        QVERIFY2(failed.error().text.find(bytesOf(text)) != std::string::npos, failed.error().text.c_str());
        QVERIFY2(failed.error().text.find("vchan") == std::string::npos, failed.error().text.c_str());
    }

    void aBackendThatTalksForEver()
    {
        const auto failed =
            runWith("head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2; echo the last words >&2; exit 1");
        VERIFY_FAILS(failed, Fault::Peer);
        QVERIFY2(failed.error().text.ends_with("the last words"), failed.error().text.c_str());
        QVERIFY(failed.error().text.size() < 400);
    }

    void wordsThatComeAfterTheReport()
    {
        // By another process than the client, as on a real qube: they are waited for.
        const auto failed = runWith("echo fail 6 it ended >&3; exec 3>&-; (sleep 0.3; echo a hub >&2) & exit 1");
        VERIFY_FAILS(failed, Fault::Peer);
        QCOMPARE(failed.error().text, "qube sys-usb says: a hub"s);
    }

    void silenceIsBounded()
    {
        const auto failed = runWith(noteItself() + "exec sleep 1000", 1500ms);
        VERIFY_FAILS(failed, Fault::Timeout);
        QVERIFY(failed.error().text.find("sys-usb") != std::string::npos);
        const pid_t client = noted();
        QVERIFY(client > 1);
        QVERIFY(::kill(client, 0) != 0); // told to end, and waited for
    }

    void withdrawn()
    {
        m_programs->install("qrexec-client-vm", noteItself() + "exec sleep 1000");
        Forked attacher([this] {
            const auto failed = run();
            return failed ? 100 : static_cast<int>(failed.error().fault);
        });
        QVERIFY(becomesTrue([this] { return noted() > 1; }));
        ::kill(attacher.pid(), SIGTERM);
        QCOMPARE(attacher.wait(), static_cast<int>(Fault::Cancelled));
        QVERIFY(::kill(noted(), 0) != 0);
    }

    void theImportLearnsThatNobodyWaits()
    {
        // cat ends when the other end of the report is closed, although its client does not end when told.
        m_programs->install("qrexec-client-vm",
                            "trap '' TERM\n" + noteItself() + "cat <&3 >/dev/null; echo >" + file("withdrawn"));
        VERIFY_FAILS(run(1500ms), Fault::Timeout);
        QVERIFY(std::filesystem::exists(file("withdrawn")));
    }

    void itIsAttachedAlready()
    {
        const auto other = import([] { pause(); });
        QVERIFY(other);
        VERIFY_FAILS(runWith("echo ok 3-1 >&3"), Fault::Busy);
        QVERIFY(m_programs->calls().empty());
    }

    /// The device is gone here, and its import has a last step to do.
    void itIsAboutToBeDetached()
    {
        const auto other = import([] { poll(nullptr, 0, 300); }); // what the last step takes
        QVERIFY(other);
        VERIFY_SUCCEEDS(runWith("echo ok 3-1 >&3"));
    }

    /// Its connection has ended, but the kernel takes its time, as with a disk that is still being looked at.
    void itIsBeingDetached_data()
    {
        QTest::addColumn<QString>("port");
        QTest::addColumn<int>("leaves");                                         // ms until its lease goes
        QTest::newRow("by the kernel") << "004 000 00000000 000000 0-0" << 3500; // more than the time for "in use"
        QTest::newRow("since it was looked at") << "006 003 00010002 000005 3-1" << 2500;
    }
    void itIsBeingDetached()
    {
        QFETCH(QString, port);
        QFETCH(int, leaves);
        QVERIFY(leavesLease(port.toStdString()));
        const auto other = import([this, leaves] {
            poll(nullptr, 0, leaves);
            Leases(m_fake->paths()).remove(m_key);
            poll(nullptr, 0, 1000); // its process goes later than its lease
        });
        QVERIFY(other);
        VERIFY_SUCCEEDS(runWith("echo ok 3-1 >&3"));
    }

    /// All the same, but its connection stands.
    void itIsAttachedAndSaysSo_data()
    {
        QTest::addColumn<QString>("port");
        QTest::newRow("used") << "006 003 00010002 000005 3-1";
        QTest::newRow("being enumerated") << "005 000 00000000 000000 0-0";
    }
    void itIsAttachedAndSaysSo()
    {
        QFETCH(QString, port);
        QVERIFY(leavesLease(port.toStdString()));
        const auto other = import([] { pause(); });
        QVERIFY(other);
        const auto done = runWith("echo ok 3-1 >&3");
        VERIFY_FAILS(done, Fault::Busy);
        QVERIFY(done.error().text.find("attached to this qube already") != std::string::npos);
        QVERIFY(m_programs->calls().empty());
    }

    void noQrexecHere() { VERIFY_FAILS(run(), Fault::Missing); }
};

/// BACKEND DEVICE on standard input.
class TestReadRequest : public QObject
{
    Q_OBJECT

    UniqueFd m_ours;
    UniqueFd m_input;

    Result<std::string> readIt() const
    {
        const StopSignal stop;
        return readRequest(m_input.get(), stop);
    }
    void say(const std::string &text) const
    {
        QCOMPARE(::write(m_ours.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

private Q_SLOTS:
    void init() { std::tie(m_ours, m_input) = socketPair(); }

    void oneLine()
    {
        say("sys-usb 2-1\nmore");
        const auto request = readIt();
        VERIFY_SUCCEEDS(request);
        QCOMPARE(*request, "sys-usb 2-1"s);
        char next = 0;
        QCOMPARE(::read(m_input.get(), &next, 1), ssize_t{1});
        QCOMPARE(next, 'm'); // nothing behind the line was taken
    }

    void oneLineWithoutItsEnd()
    {
        say("sys-usb 2-1");
        m_ours.reset();
        QCOMPARE(*readIt(), "sys-usb 2-1"s);
    }

    void nothing()
    {
        m_ours.reset();
        QCOMPARE(*readIt(), ""s);
    }

    void atMost128Bytes()
    {
        const std::string longest(128, 'a');
        say(longest + '\n');
        QCOMPARE(*readIt(), longest);
        say(longest + "a\n");
        VERIFY_FAILS(readIt(), Fault::BadRequest);
    }

    void aPersonWhoTypesNothing() { VERIFY_FAILS(readIt(), Fault::BadRequest); } // 10 s

    void stopped()
    {
        const Bell ready;
        Forked reader([&] {
            const StopSignal stop;
            ready.ring();
            const auto request = readRequest(m_input.get(), stop);
            return request ? 100 : static_cast<int>(request.error().fault);
        });
        QVERIFY(ready.heard());
        ::kill(reader.pid(), SIGTERM);
        QCOMPARE(reader.wait(), static_cast<int>(Fault::Cancelled));
    }
};

int main(int argc, char **argv)
{
    TestAttacher attacher;
    TestReadRequest request;
    const int failed = QTest::qExec(&attacher, argc, argv);
    return failed + QTest::qExec(&request, argc, argv);
}
#include "tst_attacher.moc"
