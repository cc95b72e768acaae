// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/vhci.h"
#include "show.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sstream>

using namespace engine;
using namespace std::string_literals;

namespace {

constexpr const char *attachFile = "devices/platform/vhci_hcd.0/attach";
constexpr const char *detachFile = "devices/platform/vhci_hcd.0/detach";

const std::string header = "hub port sta spd dev      sockfd local_busid\n";

} // namespace

class TestVhci : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::optional<LockTable> m_locks;

    Vhci vhci() const { return Vhci(m_fake->paths()); }
    Result<VhciPort> attach(const std::string &speed)
    {
        return vhci().attach(*m_locks, 0x10002, *Speed::parse(speed), std::move(socketPair().first));
    }
    /// Numbers of the ports that were written to "attach", in order.
    std::vector<unsigned> tried() const
    {
        std::vector<unsigned> numbers;
        for (const std::string &bytes : m_fake->writtenTo(attachFile))
            numbers.push_back(static_cast<unsigned>(std::stoul(bytes)));
        return numbers;
    }
    /// Speed codes that were written to "attach".
    std::vector<std::string> codes() const
    {
        std::vector<std::string> all;
        for (const std::string &bytes : m_fake->writtenTo(attachFile))
            all.push_back(bytes.substr(bytes.rfind(' ') + 1));
        return all;
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(locks);
        m_locks.emplace(std::move(*locks));
    }
    void cleanup()
    {
        m_locks.reset();
        m_fake.reset();
    }

    void aStatusFileOfTheKernel()
    {
        const auto ports = parseVhciStatus(header + "hs  0000 004 000 00000000 000000 0-0\n"
                                                    "hs  0001 006 003 00010002 000005 3-2\n"
                                                    "ss  0002 005 000 00000000 000000 0-0\n"
                                                    "ss  0003 007 005 ffffffff 1234567 4-2\n");
        VERIFY_SUCCEEDS(ports);
        QCOMPARE(ports->size(), std::size_t{4});
        const VhciPort &idle = (*ports)[0];
        QVERIFY(idle.number == 0 && !idle.isSuper && idle.state == VhciPort::State::Free && idle.localBusid.empty());
        const VhciPort &used = (*ports)[1];
        QVERIFY(used.number == 1 && !used.isSuper && used.state == VhciPort::State::Used && used.devId == 0x10002);
        QCOMPARE(used.localBusid, "3-2"s);
        QVERIFY((*ports)[2].isSuper && (*ports)[2].state == VhciPort::State::Connecting);
        QVERIFY((*ports)[3].state == VhciPort::State::Error && (*ports)[3].devId == 0xffffffff);
    }

    void aControllerThatIsNotReadyHasALongerColumn()
    {
        const auto ports = parseVhciStatus(header + "hs  0000 005 000 00000000 0000000000000000 0-0\n");
        VERIFY_SUCCEEDS(ports);
        QCOMPARE(ports->size(), std::size_t{1});
        QVERIFY(ports->front().state == VhciPort::State::Connecting);
    }

    void theFormatOfFourThirteen()
    {
        VERIFY_SUCCEEDS(parseVhciStatus("hub port sta spd dev      socket           local_busid\n"
                                        "hs  0000 006 003 00010002 ffff880012345678 3-1\n"));
    }

    void portNumbersMayBeWide()
    {
        QCOMPARE(parseVhciStatus(header + "ss  10000 004 000 00000000 000000 0-0\n")->front().number, 10000U);
    }

    void noPortsAtAll() { QVERIFY(parseVhciStatus(header)->empty()); }

    void otherTextIsRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto line = [](const char *name, const char *text) {
            QTest::newRow(name) << QByteArray::fromStdString(header + text);
        };
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("garbage") << QByteArray("\xff\xfe\0\n", 4);
        QTest::newRow("before 4.13") << QByteArray("port sta spd dev      socket           local_busid\n"
                                                   "000 004 000 000 00000000 0000000000000000 0-0\n");
        line("an empty line", "\n");
        line("no hub", "0000 004 000 00000000 000000 0-0\n");
        line("unknown hub", "us  0000 004 000 00000000 000000 0-0\n");
        line("cut", "hs  0000 004 000 00000000 000000\n");
        line("no number", "hs  x 004 000 00000000 000000 0-0\n");
        line("negative", "hs  -001 004 000 00000000 000000 0-0\n");
        line("huge", "hs  99999999999999999999 004 000 00000000 000000 0-0\n");
        line("state too small", "hs  0000 003 000 00000000 000000 0-0\n");
        line("state too large", "hs  0000 008 000 00000000 000000 0-0\n");
        line("device no hex", "hs  0000 006 003 0001000g 000005 3-1\n");
        line("device too large", "hs  0000 006 003 100010002 000005 3-1\n");
    }
    void otherTextIsRefused()
    {
        QFETCH(QByteArray, text);
        VERIFY_FAILS(parseVhciStatus(bytesOf(text)), Fault::System);
    }

    void portsOfAllControllers()
    {
        m_fake->loadVhci(3, 2);
        const auto ports = vhci().ports();
        VERIFY_SUCCEEDS(ports);
        std::string names;
        for (const VhciPort &port : *ports)
            names += std::to_string(port.number) + '=' + port.localBusid + (port.isSuper ? "s " : " ");
        // What a device will be called is known before it is there.
        QCOMPARE(names, "0=3-1 1=3-2 2=4-1s 3=4-2s 4=5-1 5=5-2 6=6-1s 7=6-2s 8=7-1 9=7-2 10=8-1s 11=8-2s "s);
    }

    void aControllerWithoutItsHubsIsLeftOut()
    {
        m_fake->loadVhci(2, 1);
        std::filesystem::remove_all(m_fake->sys("devices/platform/vhci_hcd.1/usb6"));
        const auto ports = vhci().ports();
        VERIFY_SUCCEEDS(ports);
        QCOMPARE(ports->size(), std::size_t{3});
        VERIFY_FAILS(vhci().port(3), Fault::System);
    }

    void aDeviceInAnUnexpectedPlaceIsRefused()
    {
        m_fake->loadVhci();
        m_fake->setPort(0, "006 003 00010002 000005 3-2");
        VERIFY_FAILS(vhci().ports(), Fault::System);
    }

    void noController()
    {
        VERIFY_FAILS(vhci().ports(), Fault::Missing);
        VERIFY_FAILS(attach("480"), Fault::Missing);
    }

    void loadWantsBothHubs()
    {
        m_fake->loadVhci();
        VERIFY_SUCCEEDS(vhci().load());
        std::filesystem::remove_all(m_fake->sys("devices/platform/vhci_hcd.0/usb4"));
        VERIFY_FAILS(vhci().load(), Fault::Missing);
    }

    void speedChoosesTheHub()
    {
        m_fake->loadVhci(1, 2);
        QVERIFY(!attach("480")->isSuper);
        QVERIFY(!attach("1.5")->isSuper);
        QVERIFY(attach("5000")->isSuper);
        QVERIFY(attach("10000")->isSuper);
    }

    void theCommandIsThatOfTheKernel()
    {
        m_fake->loadVhci();
        auto [socket, peer] = socketPair();
        const int fd = socket.get();
        const auto port = vhci().attach(*m_locks, 0x10002, *Speed::parse("480"), std::move(socket));
        VERIFY_SUCCEEDS(port);
        QCOMPARE(m_fake->writtenTo(attachFile),
                 (std::vector{std::to_string(port->number) + ' ' + std::to_string(fd) + " 65538 3"}));
        QVERIFY(fcntl(fd, F_GETFD) < 0); // only the kernel holds it now
    }

    void portsAreUsedInTurn()
    {
        m_fake->loadVhci(1, 3);
        for (int n = 0; n < 6; ++n) {
            const auto port = attach("480");
            VERIFY_SUCCEEDS(port);
            VERIFY_SUCCEEDS(vhci().detach(port->number));
        }
        QCOMPARE(tried(), (std::vector<unsigned>{1, 2, 0, 1, 2, 0}));
    }

    void usedPortsArePassedOver()
    {
        m_fake->loadVhci(1, 3);
        m_fake->setPort(1, "006 003 00010002 000005 3-2");
        m_fake->setPort(2, "007 000 00000000 000000 0-0");
        QCOMPARE(attach("480")->number, 0U);
    }

    void aPortWhoseOldDeviceIsStillThereIsPassedOver()
    {
        m_fake->loadVhci(1, 3);
        m_fake->addImported("3-2");
        QCOMPARE(attach("480")->number, 2U);
    }

    void otherControllersAreUsed()
    {
        m_fake->loadVhci(2, 1);
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        QCOMPARE(attach("480")->localBusid, "5-1"s);
    }

    void allPortsInUse()
    {
        m_fake->loadVhci(1, 1);
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        VERIFY_FAILS(attach("480"), Fault::Busy);
        QVERIFY(tried().empty());
        VERIFY_SUCCEEDS(attach("5000"));
    }

    void somebodyElseMayBeFaster()
    {
        m_fake->loadVhci(1, 3);
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [&, first = true](const std::string &bytes) mutable {
            if (std::exchange(first, false))
                m_fake->setPort(static_cast<unsigned>(std::stoul(bytes)), "006 003 00010003 000005 3-2");
            return kernel(bytes);
        });
        const auto port = attach("480");
        VERIFY_SUCCEEDS(port);
        QCOMPARE(port->number, 2U);
        QCOMPARE(tried(), (std::vector<unsigned>{1, 2}));
    }

    void alwaysBusyEnds()
    {
        m_fake->loadVhci(1, 2);
        m_fake->onWrite(attachFile, [](const std::string &) { return EBUSY; });
        VERIFY_FAILS(attach("480"), Fault::Busy);
        QCOMPARE(tried().size(), std::size_t{4}); // as many as there are ports
    }

    void superSpeedPlusIsAskedForFirst()
    {
        m_fake->loadVhci();
        VERIFY_SUCCEEDS(attach("10000"));
        QCOMPARE(codes(), (std::vector{"6"s}));
    }

    void kernelsBefore612KnowSuperSpeedOnly()
    {
        m_fake->loadVhci();
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile,
                        [kernel](const std::string &bytes) { return bytes.ends_with(" 6") ? EINVAL : kernel(bytes); });
        VERIFY_SUCCEEDS(attach("10000"));
        QCOMPARE(codes(), (std::vector{"6"s, "5"s}));
    }

    void aControllerThatIsBeingProbedIsAskedAgain()
    {
        m_fake->loadVhci();
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [kernel, left = 2](const std::string &bytes) mutable {
            return left-- > 0 ? EAGAIN : kernel(bytes);
        });
        VERIFY_SUCCEEDS(attach("480"));
        QCOMPARE(tried().size(), std::size_t{3});
    }

    void otherRefusalsAreFinal()
    {
        m_fake->loadVhci();
        m_fake->onWrite(attachFile, [](const std::string &) { return EINVAL; });
        const auto port = attach("480");
        VERIFY_FAILS(port, Fault::System);
        QCOMPARE(port.error().number, EINVAL);
        QCOMPARE(tried().size(), std::size_t{1});
    }

    void oneAttachAtATime()
    {
        m_fake->loadVhci();
        const std::string mark = m_fake->paths().run + "/released";
        const Bell held;
        Forked other([&] {
            auto locks = LockTable::open(m_fake->paths());
            const auto lock = locks->lock(portsLock);
            held.ring();
            poll(nullptr, 0, 50); // while the attach below would like to write
            FakeSysfs::putFile(mark, "");
            return lock ? 0 : 1;
        });
        QVERIFY(held.heard());
        bool wasReleased = false;
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [&](const std::string &bytes) {
            wasReleased = std::filesystem::exists(mark);
            return kernel(bytes);
        });
        VERIFY_SUCCEEDS(attach("480"));
        QVERIFY(wasReleased);
        QCOMPARE(other.wait(), 0);
    }

    void detachIsByNumber()
    {
        m_fake->loadVhci();
        m_fake->setPort(1, "006 003 00010002 000005 3-2");
        VERIFY_SUCCEEDS(vhci().detach(1));
        QCOMPARE(m_fake->writtenTo(detachFile), (std::vector{"1"s}));
        QVERIFY(vhci().port(1)->state == VhciPort::State::Free);
    }

    void aFreePortIsDetachedAlready()
    {
        m_fake->loadVhci();
        VERIFY_SUCCEEDS(vhci().detach(1));
    }

    void aPortThatIsNoneIsNot()
    {
        m_fake->loadVhci();
        const auto done = vhci().detach(100);
        VERIFY_FAILS(done, Fault::System);
        QCOMPARE(done.error().number, EINVAL);
    }
};

QTEST_GUILESS_MAIN(TestVhci)
#include "tst_vhci.moc"
