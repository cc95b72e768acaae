// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeuevents.h"

#include "fakeagent.h"
#include "fakeprograms.h"
#include "processes/importer.h"
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
    };

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakeUevents> m_uevents;
    std::unique_ptr<FakeAgent> m_agent;
    std::unique_ptr<Forked> m_import;
    std::unique_ptr<Forked> m_kernel; ///< in the import's process
    UniqueFd m_socket;                ///< FD 0 of the import
    UniqueFd m_backend;               ///< its other end
    UniqueFd m_report;                ///< where the import reports
    UniqueFd m_attach;                ///< its other end
    UniqueFd m_errors;                ///< stderr of the service, as the import gets it
    UniqueFd m_service;               ///< its other end
    Importer::Limits m_limits;
    const ImportKey m_key{*QubeName::parse("sys-usb"), *DeviceSpec::parse("2-1")};

    std::string stateFile() const { return m_fake->paths().run + '/' + m_key.fileName(); }
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
            const int held = fcntl(socket, F_DUPFD_CLOEXEC, 3);
            if (const int error = attach(bytes); error != 0)
                return error;
            FakeSysfs::putFile(m_fake->paths().run + "/given", bytes);
            // A process of its own, which must hold the connection and nothing else.
            m_kernel = std::make_unique<Forked>([this, kernel, held] {
                dup2(held, STDIN_FILENO);
                m_uevents->moveTo(3);
                close_range(4, ~0U, 0);
                if (kernel == Kernel::FindsIt) {
                    m_fake->addImported("3-1");
                    m_fake->setPort(0, "006 003 00020005 000005 3-1");
                    m_uevents->send("3-1", "bind");
                } else if (kernel == Kernel::FindsAnotherOne) {
                    m_fake->setPort(0, "006 003 00070007 000005 3-1");
                }
                pollfd entry{STDIN_FILENO, POLLRDHUP, 0};
                poll(&entry, 1, -1);
                m_fake->setPort(0, "004 000 00000000 000000 0-0");
                if (kernel == Kernel::FindsIt)
                    m_fake->unplug("3-1");
                return 0;
            });
            close(held);
            return 0;
        });
    }
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
            Importer importer(m_fake->paths(), stop, log, std::move(m_report), std::move(m_errors));
            const auto agent = QrexecAgent::parse(std::to_string(m_agent->pid()));
            const bool done = bool(importer.run(m_key, std::move(m_socket), *agent, m_limits));
            if (m_kernel)
                m_kernel->wait();
            return done ? 0 : 1;
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
        QVERIFY(!hasState());
        QVERIFY(!std::filesystem::exists(m_fake->paths().usbDevices() + "/3-1"));
        readAll(m_backend.get()); // the backend learns of it by the end of the connection
    }

private Q_SLOTS:
    void initTestCase()
    {
        const FakeUevents kernel;
        QVERIFY2(FakeUevents::available(), "to be run with libumockdev-preload");
    }
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadVhci(1, 1);
        m_uevents = std::make_unique<FakeUevents>();
        m_uevents->add("3-1");
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
        m_uevents.reset();
        m_fake.reset();
    }

    void aDeviceComesAndGoes()
    {
        attach();
        QCOMPARE(FakeSysfs::get(stateFile()), "0\n3-1 131077\n"s);
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

    void killedItLeavesNoStateFile()
    {
        attach();
        m_import->killHard();
        QVERIFY(becomesTrue([this] { return !hasState(); }));
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
