// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/vhci.h"
#include "show.h"

#include <cerrno>
#include <filesystem>

using namespace engine;
using namespace std::string_literals;

namespace {

constexpr const char *detachFile = "devices/platform/vhci_hcd.0/detach";

const std::string header = "hub port sta spd dev      sockfd local_busid\n";

} // namespace

class TestVhci : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    Vhci vhci() const { return Vhci(m_fake->paths()); }
    /// Of all ports: number and what a device there is called, with an "s" if it is a SuperSpeed one.
    std::string names() const
    {
        std::string text;
        const auto ports = vhci().ports();
        for (const VhciPort &port : ports ? *ports : std::vector<VhciPort>())
            text += std::to_string(port.number) + '=' + port.localBusid + (port.isSuper ? "s " : " ");
        return text;
    }

private Q_SLOTS:
    void init() { m_fake = std::make_unique<FakeSysfs>(); }
    void cleanup() { m_fake.reset(); }

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
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("garbage") << QByteArray("\xff\xfe\0\n", 4);
        QTest::newRow("before 4.13") << QByteArray("port sta spd dev      socket           local_busid\n"
                                                   "000 004 000 000 00000000 0000000000000000 0-0\n");
    }
    void otherTextIsRefused()
    {
        QFETCH(QByteArray, text);
        VERIFY_FAILS(parseVhciStatus(bytesOf(text)), Fault::System);
    }

    void anOddLineIsLeftOut_data()
    {
        QTest::addColumn<QByteArray>("line");
        const auto line = [](const char *name, const char *text) { QTest::newRow(name) << QByteArray(text); };
        line("an empty line", "");
        line("no hub", "0000 004 000 00000000 000000 0-0");
        line("unknown hub", "us  0000 004 000 00000000 000000 0-0");
        line("cut", "hs  0000 004 000 00000000 000000");
        line("no number", "hs  x 004 000 00000000 000000 0-0");
        line("negative", "hs  -001 004 000 00000000 000000 0-0");
        line("huge", "hs  99999999999999999999 004 000 00000000 000000 0-0");
        line("state too small", "hs  0000 003 000 00000000 000000 0-0");
        line("state too large", "hs  0000 008 000 00000000 000000 0-0");
        line("device no hex", "hs  0000 006 003 0001000g 000005 3-1");
        line("device too large", "hs  0000 006 003 100010002 000005 3-1");
    }
    void anOddLineIsLeftOut()
    {
        QFETCH(QByteArray, line);
        const auto ports = parseVhciStatus(header + bytesOf(line) +
                                           "\nhs  0001 004 000 00000000 000000 0-0\n"
                                           "ss  0002 006 005 00010002 000005 4-1\n");
        VERIFY_SUCCEEDS(ports);
        QCOMPARE(ports->size(), std::size_t{2});
        QCOMPARE((*ports)[0].number, 1U);
        QCOMPARE((*ports)[1].number, 2U);
    }

    void aPortOfAnOddLineIsLeftOut()
    {
        m_fake->loadVhci(2, 2);
        m_fake->setPort(1, "009 000 00000000 000000 0-0");
        QCOMPARE(names(), "0=3-1 2=4-1s 3=4-2s 4=5-1 5=5-2 6=6-1s 7=6-2s "s);
        VERIFY_FAILS(vhci().port(1), Fault::System);
    }

    void aControllerWithAnOddFileDoesNotHinderOthers()
    {
        m_fake->loadVhci(2, 1);
        m_fake->put("devices/platform/vhci_hcd.0/status", "what is this\n");
        QCOMPARE(names(), "2=5-1 3=6-1s "s);
        m_fake->put("devices/platform/vhci_hcd.0/status.1", "what is this\n");
        VERIFY_FAILS(vhci().ports(), Fault::System);
    }

    void portsOfAllControllers()
    {
        m_fake->loadVhci(3, 2);
        // What a device will be called is known before it is there.
        QCOMPARE(names(), "0=3-1 1=3-2 2=4-1s 3=4-2s 4=5-1 5=5-2 6=6-1s 7=6-2s 8=7-1 9=7-2 10=8-1s 11=8-2s "s);
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

    void aDeviceInAnUnexpectedPlaceIsLeftAlone()
    {
        m_fake->loadVhci();
        m_fake->setPort(0, "006 003 00010002 000005 3-2");
        VERIFY_FAILS(vhci().port(0), Fault::System);
        QCOMPARE(vhci().ports()->size(), std::size_t{3});
    }

    void rootHubsOfAllControllers()
    {
        QVERIFY(vhci().rootHubs().empty());
        m_fake->loadVhci(2);
        QCOMPARE(vhci().rootHubs(), (std::vector{"usb3"s, "usb4"s, "usb5"s, "usb6"s}));
    }

    void aLookSeesThePortAsItIsNow()
    {
        m_fake->loadVhci(2, 1);
        const auto before = vhci().port(3);
        VERIFY_SUCCEEDS(before);
        QCOMPARE(before->controller, 1U);
        m_fake->setPort(3, "006 005 00010002 000005 6-1");
        // The other controllers' files are not read for it.
        std::filesystem::remove(m_fake->sys("devices/platform/vhci_hcd.0/status"));
        const auto now = vhci().look(*before);
        VERIFY_SUCCEEDS(now);
        QVERIFY(now->state == VhciPort::State::Used && now->devId == 0x10002 && now->number == 3);
        QCOMPARE(now->localBusid, "6-1"s);
        QCOMPARE(now->controller, 1U);
    }

    void aLookAtAPortThatIsNotWhatItWas()
    {
        m_fake->loadVhci();
        const auto before = vhci().port(0);
        VERIFY_SUCCEEDS(before);
        m_fake->setPort(0, "006 003 00010002 000005 3-2");
        VERIFY_FAILS(vhci().look(*before), Fault::System);
        m_fake->put("devices/platform/vhci_hcd.0/status", "what is this\n");
        VERIFY_FAILS(vhci().look(*before), Fault::System);
        std::filesystem::remove_all(m_fake->paths().vhci());
        VERIFY_FAILS(vhci().look(*before), Fault::System);
    }

    void noController()
    {
        VERIFY_FAILS(vhci().ports(), Fault::Missing);
        VERIFY_FAILS(vhci().detach(0), Fault::System);
        QVERIFY(vhci().rootHubs().empty());
    }

    void loadWantsBothHubs()
    {
        m_fake->loadVhci();
        VERIFY_SUCCEEDS(vhci().load(Deadline(patience)));
        std::filesystem::remove_all(m_fake->sys("devices/platform/vhci_hcd.0/usb4"));
        VERIFY_FAILS(vhci().load(Deadline(patience)), Fault::Missing);
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
