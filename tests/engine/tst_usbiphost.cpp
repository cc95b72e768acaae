// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/connection.h"
#include "kernel/usbiphost.h"
#include "show.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>

using namespace engine;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

constexpr const char *matchFile = "bus/usb/drivers/usbip-host/match_busid";
constexpr const char *bindFile = "bus/usb/drivers/usbip-host/bind";
constexpr const char *unbindFile = "bus/usb/drivers/usbip-host/unbind";
constexpr const char *usbBindFile = "bus/usb/drivers/usb/bind";
constexpr const char *usbUnbindFile = "bus/usb/drivers/usb/unbind";
constexpr const char *probeFile = "bus/usb/drivers_probe";

} // namespace

class TestUsbipHost : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    BusId m_busid = *BusId::parse("2-1");

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), m_busid)); }
    UsbipHost host() const { return UsbipHost(m_fake->paths()); }
    Result<void> bind() const { return host().bind(device(), Deadline(patience)); }
    Result<void> unbind() const { return host().unbind(device(), Deadline(patience)); }
    Result<void> bindTo(const std::string &driver) const { return host().bindTo(device(), driver, Deadline(patience)); }
    /// Done in another process: what it finds changed is in files.
    void take() const
    {
        VERIFY_SUCCEEDS(unbind());
        VERIFY_SUCCEEDS(bind());
    }
    std::string mark() const { return m_fake->paths().root + "/mark"; }
    FakeSysfs::Reaction hangsUntilMarked() const
    {
        return [this](const std::string &) {
            becomesTrue([this] { return std::filesystem::exists(mark()); });
            return 0;
        };
    }
    /// Ends what hangs so, and waits until no process is left of it.
    void endHanging() const
    {
        FakeSysfs::putFile(mark(), "");
        QVERIFY(becomesTrue([] { return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }));
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadUsbipHost();
        m_fake->addDevice("2-1");
    }
    void cleanup() { m_fake.reset(); }

    void aDeviceIsTakenFromItsDriver()
    {
        take();
        QCOMPARE(m_fake->written(),
                 (std::vector<FakeSysfs::Written>{{"bus/usb/drivers/usb/unbind", "2-1"},
                                                  {matchFile, "add 2-1"}, // no line end: it would stay
                                                  {bindFile, "2-1"}}));
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
        QVERIFY(UsbipHost::status(device()) == UsbipHost::Status::Available);
    }

    void unbindOfADeviceWithoutDriver()
    {
        m_fake->setDriver("2-1", "");
        VERIFY_SUCCEEDS(unbind());
        QVERIFY(m_fake->written().empty());
    }

    void unbindOfADeviceThatLosesItsDriverMeanwhile()
    {
        m_fake->onWrite(usbUnbindFile, [this](const std::string &) {
            m_fake->setDriver("2-1", "");
            return ENODEV;
        });
        VERIFY_SUCCEEDS(unbind());
    }

    void unbindThatTheKernelRefuses()
    {
        m_fake->onWrite(usbUnbindFile, [](const std::string &) { return EPERM; });
        QCOMPARE(unbind().error().number, EPERM);
    }

    void whatTheKernelDoesNotComeBackFromIsGivenUp_data()
    {
        QTest::addColumn<QByteArray>("file");
        for (const char *file : {usbUnbindFile, bindFile, usbBindFile})
            QTest::newRow(file) << QByteArray(file);
    }
    void whatTheKernelDoesNotComeBackFromIsGivenUp()
    {
        QFETCH(QByteArray, file);
        if (file != usbUnbindFile)
            VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(bytesOf(file), hangsUntilMarked());
        const Deadline soon(100ms);
        if (file == usbUnbindFile)
            VERIFY_FAILS(host().unbind(device(), soon), Fault::Timeout);
        else if (file == bindFile)
            VERIFY_FAILS(host().bind(device(), soon), Fault::Timeout);
        else
            VERIFY_FAILS(host().bindTo(device(), "usb", soon), Fault::System);
        endHanging();
        QVERIFY(m_fake->writtenTo(probeFile).empty()); // it would wait for the same
    }

    void addingAgainCostsNothing()
    {
        for (int n = 0; n < 3; ++n)
            take();
        QCOMPARE(m_fake->matchTable(), (std::vector{"2-1"s}));
    }

    void theTableOfTheKernelMayBeFull()
    {
        for (int n = 1; n <= 16; ++n)
            QCOMPARE(m_fake->answer(m_fake->sys(matchFile), "add 1-" + std::to_string(n)), 0);
        VERIFY_SUCCEEDS(unbind());
        const auto bound = bind();
        VERIFY_FAILS(bound, Fault::Missing);
        QVERIFY(bound.error().text.find("restart") != std::string::npos);
    }

    void aDriverThatComesInBetweenIsTakenAwayAgain()
    {
        VERIFY_SUCCEEDS(unbind());
        const auto kernel = m_fake->reaction(bindFile);
        m_fake->onWrite(bindFile, [this, kernel](const std::string &bytes) {
            if (!std::filesystem::exists(mark())) {
                FakeSysfs::putFile(mark(), "");
                m_fake->setDriver("2-1", "usb");
            }
            return kernel(bytes);
        });
        VERIFY_SUCCEEDS(bind());
        QCOMPARE(m_fake->writtenTo(bindFile).size(), std::size_t{2});
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void aDriverThatAlwaysComesInBetweenWins()
    {
        VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(bindFile, [this](const std::string &) {
            m_fake->setDriver("2-1", "usb");
            return EBUSY;
        });
        QCOMPARE(bind().error().number, EBUSY);
        QCOMPARE(m_fake->writtenTo(bindFile).size(), std::size_t{4});
    }

    void aRefusalOfTheKernelIsKept()
    {
        VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(bindFile, [](const std::string &) { return ENODEV; });
        QCOMPARE(bind().error().number, ENODEV);
    }

    void aDeviceThatDoesNotAnswerIsToBePluggedInAgain_data()
    {
        QTest::addColumn<int>("number");
        for (const int number : {EINVAL, EIO, EPIPE})
            QTest::newRow(strerror(number)) << number; // NOLINT(concurrency-mt-unsafe): one thread
    }
    void aDeviceThatDoesNotAnswerIsToBePluggedInAgain()
    {
        QFETCH(int, number);
        VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(bindFile, [number](const std::string &) { return number; });
        const auto bound = bind();
        VERIFY_FAILS(bound, Fault::System);
        QCOMPARE(bound.error().number, number);
        QVERIFY(bound.error().text.find("unplug it") != std::string::npos);
    }

    void aDeviceThatGoesWhileItIsTaken()
    {
        VERIFY_SUCCEEDS(unbind());
        const UsbDevice held = device();
        m_fake->onWrite(bindFile, [this](const std::string &) {
            m_fake->unplug("2-1");
            return 0;
        });
        VERIFY_FAILS(host().bind(held, Deadline(patience)), Fault::NotFound);
    }

    void states()
    {
        QVERIFY(UsbipHost::status(device()) == UsbipHost::Status::NotBound);
        take();
        const std::pair<int, UsbipHost::Status> known[] = {{1, UsbipHost::Status::Available},
                                                           {2, UsbipHost::Status::Used},
                                                           {3, UsbipHost::Status::Error},
                                                           {4, UsbipHost::Status::Error}};
        for (const auto &[text, status] : known) {
            m_fake->setUsbipStatus("2-1", text);
            QVERIFY(UsbipHost::status(device()) == status);
        }
    }

    void theConnectionIsTheKernelsAlone()
    {
        take();
        auto [socket, peer] = socketPair();
        const auto watch = Connection::watch(socket);
        const int fd = socket.get();
        VERIFY_SUCCEEDS(UsbipHost::handOver(device(), std::move(socket)));
        QVERIFY(UsbipHost::status(device()) == UsbipHost::Status::Used);
        QVERIFY(fcntl(fd, F_GETFD) < 0);
        QVERIFY(!watch->ended());
        peer.reset();
        QVERIFY(UsbipHost::waitUntilUnused(device(), Deadline(patience)) == UsbipHost::Status::Available);
        QVERIFY(watch->ended());
    }

    void aDeviceInUseSaysSo()
    {
        take();
        m_fake->setUsbipStatus("2-1", 2);
        VERIFY_FAILS(UsbipHost::handOver(device(), std::move(socketPair().first)), Fault::Busy);
    }

    void whatIsNoConnectionIsRefused()
    {
        take();
        const auto given = UsbipHost::handOver(device(), UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC)));
        VERIFY_FAILS(given, Fault::System);
        QCOMPARE(given.error().number, EINVAL);
    }

    void aDeviceThatIsNotBoundTakesNone()
    {
        const auto given = UsbipHost::handOver(device(), std::move(socketPair().first));
        VERIFY_FAILS(given, Fault::System);
        QCOMPARE(given.error().number, ENOENT);
    }

    void waitingIsBounded()
    {
        take();
        m_fake->setUsbipStatus("2-1", 2);
        QVERIFY(UsbipHost::waitUntilUnused(device(), Deadline(60ms)) == UsbipHost::Status::Used);
    }

    void aDeviceThatIsUnpluggedWhileItIsHandedOver()
    {
        take();
        const UsbDevice held = device();
        m_fake->onWrite("devices/pci0000:00/0000:00:14.0/usb2/2-1/usbip_sockfd", [this](const std::string &) {
            m_fake->unplug("2-1");
            return 0;
        });
        VERIFY_FAILS(UsbipHost::handOver(held, std::move(socketPair().first)), Fault::NotFound);
    }

    void givenToItsDriver()
    {
        take();
        VERIFY_SUCCEEDS(unbind());
        VERIFY_SUCCEEDS(bindTo("usb"));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->writtenTo(unbindFile), (std::vector{"2-1"s}));
        QVERIFY(m_fake->writtenTo(probeFile).empty());
        QCOMPARE(m_fake->matchTable(), (std::vector{"2-1"s})); // "del" would poison the entry
    }

    void aDriverThatRefusesIsReplacedByWhatTheKernelFinds()
    {
        VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(usbBindFile, [](const std::string &) { return ENODEV; });
        VERIFY_SUCCEEDS(bindTo("usb"));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->writtenTo(probeFile), (std::vector{"2-1"s}));
    }

    void aDriverThatIsNoMoreIsReplacedToo()
    {
        VERIFY_SUCCEEDS(unbind());
        VERIFY_SUCCEEDS(bindTo("no-such-driver"));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void noDriverAtAllIsAFailure()
    {
        VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(usbBindFile, [](const std::string &) { return ENODEV; });
        m_fake->onWrite(probeFile, [](const std::string &) { return 0; });
        const auto done = bindTo("usb");
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(done.error().text.find("no driver takes device 2-1") != std::string::npos);
    }

    void aDeviceThatGoesNeedsNoDriver()
    {
        VERIFY_SUCCEEDS(unbind());
        m_fake->onWrite(usbBindFile, [this](const std::string &) {
            m_fake->unplug("2-1");
            return ENODEV;
        });
        VERIFY_SUCCEEDS(bindTo("usb"));
    }

    void aLoadedModuleIsNotLoadedAgain() { VERIFY_SUCCEEDS(host().load(Deadline(patience))); }
};

QTEST_GUILESS_MAIN(TestUsbipHost)
#include "tst_usbiphost.moc"
