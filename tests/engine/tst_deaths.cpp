// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "fakeuevents.h"
#include "faults.h"
#include "forked.h"
#include "processes/exporter.h"
#include "processes/importer.h"
#include "processes/lease.h"
#include "processes/settle.h"
#include "show.h"

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sys/socket.h>

using namespace engine;
using namespace std::string_literals;

namespace {

constexpr const char *line = "131077 480\n"; // of a backend: devid 2-5, high speed
constexpr unsigned all = Faults::Keeper | Faults::Relay | Faults::Peer;

std::string readLine(int fd)
{
    std::string text;
    char byte = 0;
    while (::recv(fd, &byte, 1, 0) == 1 && byte != '\n')
        text += byte;
    return text;
}

/// As a command of the engine: what is thrown ends it.
int codeOf(const std::function<Result<void>()> &command)
{
    try {
        return command() ? 0 : 1;
    } catch (const std::bad_alloc &) {
        return 2;
    }
}

} // namespace

/// The table of deaths, and that of failing calls: whatever happens at whatever point of an export or an import from
/// its beginning to its end, the next process of the engine finds all it needs to put things right.
class TestDeaths : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    const ImportKey m_key{*QubeName::parse("sys-usb"), *DeviceSpec::parse("2-1")};
    unsigned m_runs = 0;

    std::string ueventPath() const { return m_fake->paths().root + "/uevents"; }

    /// One export from its beginning to its end, with a frontend that detaches as soon as it has the device.
    int runExport() const
    {
        UniqueFd ours;
        UniqueFd theirs;
        std::tie(ours, theirs) = socketPair();
        Forked frontend([&] {
            ours.reset();
            return readLine(theirs.get()).empty() ? 1 : 0;
        });
        theirs.reset();
        Forked relay([&] {
            return codeOf([&] {
                Faults::setRelay(getpid());
                Faults::setPeer(frontend.pid());
                const StopSignal stop;
                const Log log(false);
                return Exporter(m_fake->paths(), stop, log)
                    .run(*DeviceSpec::parse("2-1"), *QubeName::parse("work"), std::move(ours), {});
            });
        });
        const int code = relay.wait();
        shutdown(ours.get(), SHUT_RDWR); // as qrexec does when its child has ended
        frontend.wait();
        return code;
    }

    /// One import, with a backend that ends the connection as soon as the device is there.
    int runImport() const
    {
        // First: it must hold no end of what follows.
        const Forked qrexec([] {
            std::signal(SIGUSR1, SIG_IGN);
            pause();
            return 0;
        });
        UniqueFd ours;
        UniqueFd theirs;
        std::tie(ours, theirs) = socketPair();
        UniqueFd report;
        UniqueFd attach;
        std::tie(report, attach) = socketPair();
        UniqueFd out;
        UniqueFd agent;
        std::tie(out, agent) = socketPair();
        shutdown(agent.get(), SHUT_RD); // qrexec has switched to one socket
        Forked backend([&] {
            ours.reset();
            report.reset();
            static_cast<void>(::send(theirs.get(), line, strlen(line), MSG_NOSIGNAL));
            return readLine(attach.get()).starts_with("ok ") ? 0 : 1;
        });
        theirs.reset();
        attach.reset();
        Forked relay([&] {
            dup2(out.get(), STDOUT_FILENO);
            return codeOf([&] {
                Faults::setRelay(getpid());
                Faults::setPeer(backend.pid());
                const StopSignal stop;
                const Log log(false);
                const auto parsed = QrexecAgent::parse(std::to_string(qrexec.pid()));
                return Importer(m_fake->paths(), stop, log, std::move(report), {},
                                [this] { return listenAt(ueventPath()); })
                    .run(m_key, std::move(ours), *parsed, {patience, patience});
            });
        });
        report.reset();
        out.reset();
        const int code = relay.wait();
        shutdown(ours.get(), SHUT_RDWR); // as qrexec does when its child has ended
        backend.wait();
        return code;
    }

    void beBackend(const std::string &authorized)
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadUsbipHost();
        m_fake->addDevice("2-1", {{"authorized", authorized}});
        m_fake->onWrite("devices/pci0000:00/0000:00:14.0/usb2/2-1/authorized", [this](const std::string &bytes) {
            m_fake->setAttribute("2-1", "authorized", bytes);
            return 0;
        });
    }

    void beFrontend()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadVhci(1, 1);
        const std::string attachFile = "devices/platform/vhci_hcd.0/attach";
        m_fake->onWrite(attachFile, [this, attach = m_fake->reaction(attachFile)](const std::string &bytes) {
            if (const int error = attach(bytes); error != 0)
                return error;
            const int socket = std::stoi(bytes.substr(bytes.find(' ')));
            m_fake->hold(socket, [this](int connection) {
                m_fake->addImported("3-1");
                m_fake->setPort(0, "006 003 00020005 000005 3-1");
                sendBind(ueventPath());
                FakeSysfs::waitForEnd(connection);
                m_fake->setPort(0, "004 000 00000000 000000 0-0");
                m_fake->unplug("3-1");
            });
            return 0;
        });
    }

    /// What the next process of the engine does first, once those of this connection are gone.
    void settleAll() const
    {
        Faults::end();
        const pid_t keeper = Faults::keeper();
        const std::string status = "/proc/" + std::to_string(keeper) + "/stat";
        QVERIFY2(keeper == 0 || becomesTrue([&] {
                     const std::string text = FakeSysfs::get(status);
                     return text.empty() || text.find(") Z ") != std::string::npos;
                 }),
                 "the keeper hangs");
        auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(locks);
        const auto settled = settleAbandoned(m_fake->paths(), *locks, Log(false), Deadline(patience));
        VERIFY_SUCCEEDS(settled);
        QVERIFY(m_fake->connectionsEnd());
        for (const auto &entry : std::filesystem::directory_iterator(m_fake->paths().state))
            QCOMPARE(entry.path().filename().string(), "lock"s);
    }

    void exportIsUndone(const std::string &authorized) const
    {
        settleAll();
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->attribute("2-1", "authorized"), authorized);
    }
    void importIsUndone() const
    {
        settleAll();
        QVERIFY(!std::filesystem::exists(m_fake->paths().usbDevices() + "/3-1"));
        QVERIFY(FakeSysfs::get(m_fake->sys("devices/platform/vhci_hcd.0/status")).find("hs  0000 004 ") !=
                std::string::npos);
        std::error_code none;
        for (const auto &entry : std::filesystem::directory_iterator(m_fake->paths().run, none))
            QVERIFY2(!entry.path().filename().string().starts_with("usb-import-"), entry.path().c_str());
    }

private Q_SLOTS:
    void cleanup() { m_fake.reset(); }
    void cleanupTestCase() { qInfo("%u connections, each with one fault", m_runs); }

    void killedInAnExport_data()
    {
        QTest::addColumn<unsigned>("victims");
        QTest::addColumn<QByteArray>("authorized");
        const auto row = [](const char *name, unsigned victims, const char *authorized) {
            QTest::addRow("%s, authorized=%s", name, authorized) << victims << QByteArray(authorized);
        };
        row("keeper", Faults::Keeper, "1");
        row("relay", Faults::Relay, "1");
        row("keeper and relay", Faults::Keeper | Faults::Relay, "1");
        row("peer", Faults::Peer, "1");
        row("keeper", Faults::Keeper, "0");
        row("all", all, "0");
    }
    void killedInAnExport()
    {
        QFETCH(unsigned, victims);
        QFETCH(QByteArray, authorized);
        unsigned point = 1;
        // Each point for the one that knows most, every other for the rest: it is done in half the time.
        for (;; point += victims == Faults::Keeper ? 1 : 2) {
            beBackend(authorized.toStdString());
            Faults::killAt(point, victims);
            runExport();
            const bool met = Faults::met();
            exportIsUndone(authorized.toStdString());
            if (QTest::currentTestFailed())
                qCritical("at point %u", point);
            if (QTest::currentTestFailed() || !met)
                break;
            ++m_runs;
            if (point % 3 == 0) // each takes as long as all the rest
                QVERIFY2(runExport() == 0, qPrintable(QString("the next export after point %1").arg(point)));
            m_fake.reset();
        }
        QVERIFY(point > 30U);
    }

    void killedInAnImport_data()
    {
        QTest::addColumn<unsigned>("victims");
        QTest::newRow("keeper") << unsigned{Faults::Keeper};
        QTest::newRow("relay") << unsigned{Faults::Relay};
        QTest::newRow("keeper and relay") << unsigned{Faults::Keeper | Faults::Relay};
        QTest::newRow("peer") << unsigned{Faults::Peer};
        QTest::newRow("all") << all;
    }
    void killedInAnImport()
    {
        QFETCH(unsigned, victims);
        unsigned point = 1;
        for (;; point += victims == Faults::Keeper ? 1 : 2) {
            beFrontend();
            Faults::killAt(point, victims);
            runImport();
            const bool met = Faults::met();
            importIsUndone();
            if (QTest::currentTestFailed())
                qCritical("at point %u", point);
            if (QTest::currentTestFailed() || !met)
                break;
            ++m_runs;
            if (point % 3 == 0)
                QVERIFY2(runImport() == 0, qPrintable(QString("the next import after point %1").arg(point)));
            m_fake.reset();
        }
        QVERIFY(point > 30U);
    }

    void somethingFails_data()
    {
        QTest::addColumn<bool>("isExport");
        QTest::addColumn<bool>("isMemory");
        QTest::newRow("a call, in an export") << true << false;
        QTest::newRow("a call, in an import") << false << false;
        QTest::newRow("no memory, in an export") << true << true;
        QTest::newRow("no memory, in an import") << false << true;
    }
    void somethingFails()
    {
        QFETCH(bool, isExport);
        QFETCH(bool, isMemory);
        // Objects are many, and most of those that follow one another are made in one place.
        const unsigned step = isMemory ? 11 : 1;
        unsigned at = 1;
        for (;; at += step) {
            isExport ? beBackend("0") : beFrontend();
            isMemory ? Faults::noMemoryAt(at) : Faults::failAt(at);
            isExport ? runExport() : runImport();
            const bool met = Faults::met();
            isExport ? exportIsUndone("0") : importIsUndone();
            if (QTest::currentTestFailed())
                qCritical("at %u", at);
            if (QTest::currentTestFailed() || !met)
                break;
            ++m_runs;
            m_fake.reset();
        }
        QVERIFY(at > 30 * step);
    }
};

QTEST_APPLESS_MAIN(TestDeaths)
#include "tst_deaths.moc"
