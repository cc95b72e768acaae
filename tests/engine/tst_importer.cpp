// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeagent.h"
#include "fakeprograms.h"
#include "fakeuevents.h"
#include "processes/hold.h"
#include "processes/importer.h"
#include "processes/lease.h"
#include "show.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

using namespace engine;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

constexpr const char *attachFile = "devices/platform/vhci_hcd.0/attach";
constexpr const char *line = "131077 480\n"; // of a backend: devid 2-5, high speed

/// All that arrives until the other end has gone.
std::string readAll(int fd)
{
    std::string all;
    char byte = 0;
    for (pollfd entry{fd, POLLIN, 0}; poll(&entry, 1, static_cast<int>(patience.count())) == 1;) {
        if (::recv(fd, &byte, 1, 0) != 1)
            return all;
        all += byte;
    }
    return all + "... and no end";
}

std::string readLine(int fd)
{
    std::string all;
    char byte = 0;
    for (pollfd entry{fd, POLLIN, 0}; poll(&entry, 1, static_cast<int>(patience.count())) == 1;) {
        if (::recv(fd, &byte, 1, 0) != 1 || byte == '\n')
            return all;
        all += byte;
    }
    return all + "... and no more";
}

} // namespace

/// A frontend's import in a process of its own, on the fake kernel; the test is its backend and the attach that waits.
class TestImporter : public QObject
{
    Q_OBJECT

    /// What the kernel does with a device that vhci_hcd was given.
    enum class Kernel {
        FindsIt,
        GetsNoAnswer,    ///< the device never comes
        FindsAnotherOne, ///< somebody else's device is on that port
        BlocksIt,        ///< authorized_default=0, and nobody allows it
        AllowsItLater,   ///< the same, and usbguard does
    };

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakeAgent> m_agent;
    std::unique_ptr<Forked> m_import;
    UniqueFd m_socket;  ///< FD 0 of the import
    UniqueFd m_backend; ///< its other end
    UniqueFd m_report;  ///< where the import reports
    UniqueFd m_attach;  ///< its other end
    UniqueFd m_errors;  ///< stderr of the service, as the import gets it
    UniqueFd m_service; ///< its other end
    Importer::Limits m_limits;
    const ImportKey m_key{*QubeName::parse("sys-usb"), *DeviceSpec::parse("2-1")};

    std::string stateFile() const { return m_fake->paths().run + '/' + m_key.fileName(); }
    bool hasLease() const { return Leases(m_fake->paths()).find(m_key).has_value(); }
    bool hasState() const { return std::filesystem::exists(stateFile()); }
    bool kernelWasGivenIt() const { return std::filesystem::exists(m_fake->paths().run + "/given"); }
    std::string portLine() const
    {
        const std::string status = FakeSysfs::get(m_fake->sys("devices/platform/vhci_hcd.0/status"));
        return status.substr(status.find('\n') + 1);
    }
    void say(const std::string &text) const
    {
        QCOMPARE(::send(m_backend.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }

    /// In the import's process: the reaction of vhci_hcd to a device that is attached.
    void play(Kernel kernel)
    {
        m_fake->onWrite(attachFile, [this, kernel, attach = m_fake->reaction(attachFile)](const std::string &bytes) {
            unsigned port = 0;
            int socket = -1;
            std::istringstream(bytes) >> port >> socket;
            if (const int error = attach(bytes); error != 0)
                return error;
            FakeSysfs::putFile(m_fake->paths().run + "/given", bytes);
            m_fake->hold(socket, [this, kernel](int connection) { beKernel(kernel, connection); });
            return 0;
        });
    }
    void beKernel(Kernel kernel, int connection) const
    {
        const bool comes = kernel == Kernel::FindsIt || kernel == Kernel::BlocksIt || kernel == Kernel::AllowsItLater;
        if (comes) {
            m_fake->addImported("3-1");
            if (kernel != Kernel::FindsIt) {
                m_fake->setAttribute("3-1", "authorized", "0");
                m_fake->setAttribute("3-1", "bConfigurationValue", "");
            }
            m_fake->setPort(0, "006 003 00020005 000005 3-1");
            sendBind(ueventPath());
        } else if (kernel == Kernel::FindsAnotherOne) {
            m_fake->setPort(0, "006 003 00070007 000005 3-1");
        }
        if (kernel == Kernel::AllowsItLater) {
            poll(nullptr, 0, 300); // what usbguard takes to decide
            m_fake->setAttribute("3-1", "authorized", "1");
            m_fake->setAttribute("3-1", "bConfigurationValue", "1");
        }
        FakeSysfs::waitForEnd(connection);
        m_fake->setPort(0, "004 000 00000000 000000 0-0");
        if (comes)
            m_fake->unplug("3-1");
    }
    std::string ueventPath() const { return m_fake->paths().root + "/uevents"; }
    void start(Kernel kernel = Kernel::FindsIt)
    {
        m_import = std::make_unique<Forked>([this, kernel] {
            m_backend.reset();
            m_attach.reset();
            m_service.reset();
            dup2(m_agent->out(), STDOUT_FILENO);
            play(kernel);
            const StopSignal stop;
            const Log log(false);
            Importer importer(m_fake->paths(), stop, log, std::move(m_report), std::move(m_errors),
                              [this] { return listenAt(ueventPath()); });
            const auto agent = QrexecAgent::parse(std::to_string(m_agent->pid()));
            return importer.run(m_key, std::move(m_socket), *agent, m_limits) ? 0 : 1;
        });
        m_socket.reset();
        m_report.reset();
        m_errors.reset();
    }
    /// What attach is told; nothing of the import is left then, but for the process.
    std::optional<Error> failure()
    {
        const auto report = Report::parse(readLine(m_attach.get()) + '\n');
        return report ? report->failure : Error{Fault::System, "no report"};
    }
    /// Up to where the device can be used.
    void attach()
    {
        start();
        say(line);
        QCOMPARE(readLine(m_attach.get()), "ok 3-1"s);
    }
    void nothingIsLeft()
    {
        QVERIFY(m_import->wait() >= 0);
        QVERIFY(!hasLease());
        QVERIFY(!hasState());
        QVERIFY(!std::filesystem::exists(m_fake->paths().usbDevices() + "/3-1"));
        readAll(m_backend.get()); // the backend learns of it by the end of the connection
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadVhci(1, 1);
        m_agent = std::make_unique<FakeAgent>(FakeAgent::Manner::Prompt); // first: a child has all that is open
        std::tie(m_socket, m_backend) = socketPair();
        std::tie(m_report, m_attach) = socketPair();
        std::tie(m_errors, m_service) = socketPair();
        m_limits = {.handshake = patience, .usable = patience};
    }
    void cleanup()
    {
        for (UniqueFd *const end : {&m_backend, &m_attach, &m_service})
            end->reset(); // all who wait for them end
        m_import.reset();
        m_agent.reset();
        m_fake.reset();
    }

    void aDeviceComesAndGoes()
    {
        attach();
        QCOMPARE(FakeSysfs::get(stateFile()), "0\n3-1\n"s);
        QCOMPARE(readAll(m_attach.get()), ""s); // attach need not wait any longer
        m_backend.reset();                      // unplugged there
        QCOMPARE(m_import->wait(), 0);
        QVERIFY(!hasState());
        QVERIFY(!std::filesystem::exists(m_fake->paths().usbDevices() + "/3-1"));
    }

    void detachStopsIt()
    {
        attach();
        QCOMPARE(::kill(m_import->pid(), SIGTERM), 0);
        QCOMPARE(m_import->wait(), 0);
        nothingIsLeft();
    }

    void killedItLeavesNothing()
    {
        attach();
        m_import->killHard();
        QVERIFY(becomesTrue([this] { return !hasState() && !hasLease(); }));
        QVERIFY(!std::filesystem::exists(m_fake->paths().usbDevices() + "/3-1"));
    }

    void itsPortIsOnDiskBefore()
    {
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [this, kernel](const std::string &bytes) {
            const auto lease = Leases(m_fake->paths()).find(m_key);
            return lease && lease->port == 0 && lease->devId == 131077 && lease->localBusid == "3-1" ? kernel(bytes)
                                                                                                     : EPERM;
        });
        attach();
        QVERIFY(hasLease());
        m_backend.reset();
        QCOMPARE(m_import->wait(), 0);
        QVERIFY(!hasLease());
    }

    void blockedHere()
    {
        start(Kernel::BlocksIt);
        say(line);
        const auto failed = failure(); // after 5 s
        QVERIFY(failed);
        QVERIFY2(failed->fault == Fault::Blocked, failed->text.c_str());
        QVERIFY2(failed->text.find("46f4:0001") != std::string::npos, failed->text.c_str());
        nothingIsLeft();
    }

    void allowedAMomentLater()
    {
        start(Kernel::AllowsItLater);
        say(line);
        QCOMPARE(readLine(m_attach.get()), "ok 3-1"s);
        m_backend.reset();
        QCOMPARE(m_import->wait(), 0);
    }

    void beforeSleepNothingIsTaken()
    {
        const auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(Hold(m_fake->paths()).set(std::chrono::hours(1)));
        start();
        QCOMPARE(failure()->fault, Fault::Busy);
        nothingIsLeft();
    }

    void theWordsOfTheServiceAreReadWhileItStays()
    {
        attach();
        const std::string words(4000, 'x');
        for (int i = 0; i < 200; ++i) // far more than a pipe holds
            QCOMPARE(::send(m_service.get(), words.data(), words.size(), MSG_NOSIGNAL), ssize_t{4000});
        m_backend.reset();
        QCOMPARE(m_import->wait(), 0);
    }

    void oneThatIsHereAlready()
    {
        auto locks = LockTable::open(m_fake->paths());
        const auto lock = locks->lock(importLock("sys-usb", "2-1"));
        VERIFY_SUCCEEDS(lock);
        start();
        QCOMPARE(failure()->fault, Fault::Busy);
        nothingIsLeft();
    }

    void noVirtualController()
    {
        std::filesystem::remove_all(m_fake->paths().vhci());
        start();
        QCOMPARE(failure()->fault, Fault::Missing);
        nothingIsLeft();
    }

    void noFreePort()
    {
        m_fake->setPort(0, "006 003 00090009 000005 3-1");
        start();
        say(line);
        QCOMPARE(failure()->fault, Fault::Busy);
        nothingIsLeft();
    }

    void whatIsNoHandshake_data()
    {
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("garbage") << QByteArray("No such device\n");
        QTest::newRow("an end") << QByteArray();
    }
    void whatIsNoHandshake()
    {
        QFETCH(QByteArray, said);
        start();
        say(said.toStdString());
        shutdown(m_backend.get(), SHUT_WR);
        QCOMPARE(failure()->fault, Fault::Peer);
        QVERIFY(!kernelWasGivenIt());
        nothingIsLeft();
    }

    void silenceHasAnEnd()
    {
        m_limits.handshake = 50ms;
        start();
        QCOMPARE(failure()->fault, Fault::Timeout);
        nothingIsLeft();
    }

    void theDeviceDoesNotAnswer()
    {
        m_limits.usable = 50ms;
        start(Kernel::GetsNoAnswer);
        say(line);
        QCOMPARE(failure()->fault, Fault::Timeout);
        nothingIsLeft();
        QVERIFY(kernelWasGivenIt());
        QVERIFY(portLine().starts_with("hs  0000 004 "));
    }

    void itEndsWhileTheKernelLooksAtIt()
    {
        start(Kernel::GetsNoAnswer);
        say(line);
        QVERIFY(becomesTrue([this] { return hasState(); }));
        m_backend.reset();
        QCOMPARE(failure()->fault, Fault::Peer);
        QVERIFY(m_import->wait() >= 0);
        QVERIFY(!hasState());
    }

    void anotherDeviceComesInItsPlace()
    {
        start(Kernel::FindsAnotherOne);
        say(line);
        QCOMPARE(failure()->fault, Fault::System);
        nothingIsLeft();
    }

    void nobodyWaitsAnyMore_data()
    {
        QTest::addColumn<bool>("attached");
        QTest::newRow("before the handshake") << false;
        QTest::newRow("while the kernel looks at it") << true;
    }
    void nobodyWaitsAnyMore()
    {
        QFETCH(bool, attached);
        start(Kernel::GetsNoAnswer);
        if (attached) {
            say(line);
            QVERIFY(becomesTrue([this] { return hasState(); }));
        }
        m_attach.reset();
        nothingIsLeft();
    }

    void stoppedBeforeItCame()
    {
        start();
        // Its lock shows that it is on its way.
        auto locks = LockTable::open(m_fake->paths());
        QVERIFY(becomesTrue([&] { return !locks->lock(importLock("sys-usb", "2-1")); }));
        QCOMPARE(::kill(m_import->pid(), SIGTERM), 0);
        QCOMPARE(failure()->fault, Fault::Cancelled);
        nothingIsLeft();
    }
};

QTEST_APPLESS_MAIN(TestImporter)
#include "tst_importer.moc"
