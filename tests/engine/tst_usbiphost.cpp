// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/connection.h"
#include "kernel/usbiphost.h"
#include "show.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

using namespace engine;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

constexpr const char *matchFile = "bus/usb/drivers/usbip-host/match_busid";
constexpr const char *bindFile = "bus/usb/drivers/usbip-host/bind";
constexpr const char *unbindFile = "bus/usb/drivers/usbip-host/unbind";
constexpr const char *usbBindFile = "bus/usb/drivers/usb/bind";

} // namespace

class TestUsbipHost : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    BusId m_busid = *BusId::parse("2-1");

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), m_busid)); }
    UsbipHost host() const { return UsbipHost(m_fake->paths()); }
    void take() const
    {
        VERIFY_SUCCEEDS(host().unbind(device()));
        VERIFY_SUCCEEDS(host().bind(device()));
    }
    Result<void> give(const GiveBack &how = {}) const { return giveBack(m_fake->paths(), m_busid, how); }

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
        VERIFY_SUCCEEDS(host().unbind(device()));
        QVERIFY(m_fake->written().empty());
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
        VERIFY_SUCCEEDS(host().unbind(device()));
        const auto bound = host().bind(device());
        VERIFY_FAILS(bound, Fault::Missing);
        QVERIFY(bound.error().text.find("restart") != std::string::npos);
    }

    void aDriverThatComesInBetweenIsTakenAwayAgain()
    {
        VERIFY_SUCCEEDS(host().unbind(device()));
        const auto kernel = m_fake->reaction(bindFile);
        m_fake->onWrite(bindFile, [&, first = true](const std::string &bytes) mutable {
            if (std::exchange(first, false))
                m_fake->setDriver("2-1", "usb");
            return kernel(bytes);
        });
        VERIFY_SUCCEEDS(host().bind(device()));
        QCOMPARE(m_fake->writtenTo(bindFile).size(), std::size_t{2});
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void aDriverThatAlwaysComesInBetweenWins()
    {
        VERIFY_SUCCEEDS(host().unbind(device()));
        m_fake->onWrite(bindFile, [&](const std::string &) {
            m_fake->setDriver("2-1", "usb");
            return EBUSY;
        });
        QCOMPARE(host().bind(device()).error().number, EBUSY);
        QCOMPARE(m_fake->writtenTo(bindFile).size(), std::size_t{4});
    }

    void aRefusalOfTheKernelIsKept()
    {
        VERIFY_SUCCEEDS(host().unbind(device()));
        m_fake->onWrite(bindFile, [](const std::string &) { return ENODEV; });
        QCOMPARE(host().bind(device()).error().number, ENODEV);
    }

    void aDeviceThatGoesWhileItIsTaken()
    {
        VERIFY_SUCCEEDS(host().unbind(device()));
        const UsbDevice held = device();
        m_fake->onWrite(bindFile, [&](const std::string &) {
            m_fake->unplug("2-1");
            return 0;
        });
        VERIFY_FAILS(host().bind(held), Fault::NotFound);
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

    void givenBackToItsDriver()
    {
        take();
        VERIFY_SUCCEEDS(give());
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->writtenTo(unbindFile), (std::vector{"2-1"s}));
        QCOMPARE(m_fake->matchTable(), (std::vector{"2-1"s})); // "del" would poison the entry
    }

    void givenBackOnlyWhenTheConnectionHasEnded()
    {
        take();
        auto [socket, peer] = socketPair();
        VERIFY_SUCCEEDS(UsbipHost::handOver(device(), std::move(socket)));
        peer.reset();
        VERIFY_SUCCEEDS(give()); // the fake kernel throws at an unbind while in use
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void aDeviceThatIsNotBoundStaysAsItIs()
    {
        VERIFY_SUCCEEDS(give());
        QVERIFY(m_fake->written().empty());
    }

    void aDeviceThatHasGoneNeedsNothing()
    {
        m_fake->unplug("2-1");
        VERIFY_SUCCEEDS(give());
    }

    void aDeviceWithoutDriverGetsOne()
    {
        m_fake->setDriver("2-1", "");
        VERIFY_SUCCEEDS(give());
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void aDriverThatRefusesIsReplacedByWhatTheKernelFinds()
    {
        take();
        m_fake->onWrite(usbBindFile, [](const std::string &) { return ENODEV; });
        VERIFY_SUCCEEDS(give());
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->writtenTo("bus/usb/drivers_probe"), (std::vector{"2-1"s}));
    }

    void noDriverAtAllIsAFailure()
    {
        take();
        m_fake->onWrite(usbBindFile, [](const std::string &) { return ENODEV; });
        m_fake->onWrite("bus/usb/drivers_probe", [](const std::string &) { return 0; });
        VERIFY_FAILS(give(), Fault::System);
    }

    void aBlockedDeviceIsBlockedAgainBeforeLocalDriversSeeIt()
    {
        take();
        VERIFY_SUCCEEDS(give({.driver = "usb", .deauthorize = true, .park = false}));
        QCOMPARE(m_fake->attribute("2-1", "authorized"), "0"s);
        const auto &written = m_fake->written();
        const auto at = [&](const std::string &part) {
            return std::ranges::find_if(written,
                                        [&](const FakeSysfs::Written &one) { return one.path.ends_with(part); });
        };
        QVERIFY(at("2-1/authorized") < at("usbip-host/unbind"));
    }

    void aParkedDeviceStaysWithUsbipHost()
    {
        take();
        const std::size_t before = m_fake->written().size();
        VERIFY_SUCCEEDS(give({.driver = "usb", .deauthorize = false, .park = true}));
        QCOMPARE(m_fake->written().size(), before);
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void theErrorStateNeedsABindOfItsOwn()
    {
        take();
        m_fake->setUsbipStatus("2-1", 3);
        VERIFY_SUCCEEDS(give({.driver = "usb", .deauthorize = false, .park = true}));
        QCOMPARE(m_fake->writtenTo(bindFile).size(), std::size_t{2});
        QVERIFY(UsbipHost::status(device()) == UsbipHost::Status::Available);
    }

    void aResetGoesToTheNode()
    {
        m_fake->addDevice("2-2", {{"busnum", "2"}, {"devnum", "9"}});
        FakeSysfs::putFile(m_fake->paths().dev + "/bus/usb/002/009", "");
        std::vector<std::string> nodes;
        int answer = 0;
        m_fake->onReset([&](const std::string &node) {
            nodes.push_back(node);
            return answer;
        });
        const auto other = UsbDevice::open(m_fake->paths(), *BusId::parse("2-2"));
        VERIFY_SUCCEEDS(resetDevice(m_fake->paths(), *other));
        QCOMPARE(nodes, (std::vector{m_fake->paths().dev + "/bus/usb/002/009"}));
        answer = ENODEV;
        QCOMPARE(resetDevice(m_fake->paths(), *other).error().number, ENODEV);
    }

    void aResetWithoutNodeFails() { QCOMPARE(resetDevice(m_fake->paths(), device()).error().number, ENOENT); }

    void aLoadedModuleIsNotLoadedAgain() { VERIFY_SUCCEEDS(host().load()); }
};

QTEST_GUILESS_MAIN(TestUsbipHost)
#include "tst_usbiphost.moc"
