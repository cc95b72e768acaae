// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/settle.h"

#include "fakeprograms.h"
#include "fakesysfs.h"
#include "forked.h"
#include "show.h"

#include <thread>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

/// What was left where, and what becomes of it. tst_deaths has whole connections that end at any point.
class TestSettle : public QObject
{
    Q_OBJECT

    static constexpr const char *folder = "devices/pci0000:00/0000:00:14.0/usb2/2-1/";
    std::unique_ptr<FakeSysfs> m_fake;
    const BusId m_busid = *BusId::parse("2-1");

    ExportLease lease(bool blocked = false, bool park = false) const
    {
        const auto device = UsbDevice::open(m_fake->paths(), m_busid);
        return {m_busid, *QubeName::parse("work"), device ? device->idsAndSerial() : "", "usb", blocked, park, 0};
    }
    /// As the next process of the engine does.
    Result<void> settled(const ExportLease &left) const
    {
        auto locks = LockTable::open(m_fake->paths());
        if (const auto saved = Leases(m_fake->paths()).save(left); !saved)
            return saved;
        return settleAbandoned(m_fake->paths(), *locks, Log(false), Deadline(patience));
    }
    bool hasLease() const { return Leases(m_fake->paths()).find(m_busid).has_value(); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadUsbipHost();
        m_fake->addDevice("2-1");
        m_fake->onWrite(folder + "authorized"s, [this](const std::string &bytes) {
            m_fake->setAttribute("2-1", "authorized", bytes);
            return 0;
        });
    }
    void cleanup() { m_fake.reset(); }

    /// Its keeper is the last who can wait: a disk that is unplugged while the kernel sends its first INQUIRY goes 21 s
    /// later, and usbip-host ends a connection only when the kernel has given up on all that is under way.
    void whatGoesSlowly()
    {
        m_fake->giveToUsbipHost("2-1", 1);
        const std::string file = "bus/usb/drivers/usbip-host/unbind";
        m_fake->onWrite(file, [kernel = m_fake->reaction(file)](const std::string &bytes) {
            std::this_thread::sleep_for(11s); // the moment that is tested, not a wait
            return kernel(bytes);
        });
        Forked exporter([this] {
            const auto locks = LockTable::open(m_fake->paths());
            const auto saved = Leases(m_fake->paths()).save(lease());
            return saved && settle(m_fake->paths(), lease(), Deadline(patience)) ? 0 : 1;
        });
        m_fake->loadVhci();
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        m_fake->addImported("3-1");
        const ImportLease left{*ImportKey::fromRequest("sys-usb 2-1"), 0, "3-1", 0x10002};
        const auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(Leases(m_fake->paths()).save(left));
        std::thread kernel([this] {
            std::this_thread::sleep_for(11s); // the moment that is tested, not a wait
            m_fake->unplug("3-1");
        });
        const auto done = settle(m_fake->paths(), left, Deadline(patience));
        kernel.join();
        VERIFY_SUCCEEDS(done);
        QVERIFY(!Leases(m_fake->paths()).find(left.key));
        QCOMPARE(exporter.wait(), 0);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(!hasLease());
    }

    void comesBack_data()
    {
        QTest::addColumn<QByteArray>("driver"); // that it is left with
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("blocked");
        QTest::addColumn<bool>("park");
        QTest::addColumn<QByteArray>("after");
        const QByteArray usb("usb");
        const QByteArray stub("usbip-host");
        QTest::newRow("nothing was changed yet") << usb << 0 << false << false << usb;
        QTest::newRow("without driver") << QByteArray() << 0 << false << false << usb;
        QTest::newRow("taken") << stub << 1 << false << false << usb;
        QTest::newRow("in the error state") << stub << 3 << false << false << usb;
        QTest::newRow("blocked, without driver") << QByteArray() << 0 << true << false << usb;
        QTest::newRow("blocked, taken") << stub << 1 << true << false << usb;
        QTest::newRow("blocked, back already") << usb << 0 << true << false << usb;
        QTest::newRow("to be parked, without driver") << QByteArray() << 0 << false << true << stub;
        QTest::newRow("to be parked, taken") << stub << 1 << false << true << stub;
        QTest::newRow("to be parked, in the error state") << stub << 3 << false << true << stub;
        QTest::newRow("to be parked, blocked") << stub << 1 << true << true << stub;
    }
    void comesBack()
    {
        QFETCH(QByteArray, driver);
        QFETCH(int, status);
        QFETCH(bool, blocked);
        QFETCH(bool, park);
        QFETCH(QByteArray, after);
        if (driver == "usbip-host")
            m_fake->giveToUsbipHost("2-1", status);
        else
            m_fake->setDriver("2-1", bytesOf(driver));
        VERIFY_SUCCEEDS(settled(lease(blocked, park)));
        QCOMPARE(m_fake->driver("2-1"), bytesOf(after));
        QCOMPARE(m_fake->attribute("2-1", "authorized"), blocked ? "0"s : "1"s);
        if (park)
            QCOMPARE(m_fake->attribute("2-1", "usbip_status"), "1"s);
        QVERIFY(!hasLease());
    }

    void blockedBeforeAnyDriverSeesIt()
    {
        m_fake->giveToUsbipHost("2-1", 1);
        VERIFY_SUCCEEDS(settled(lease(true)));
        std::vector<std::string> order;
        for (const FakeSysfs::Written &one : m_fake->written())
            order.push_back(one.path.substr(one.path.rfind('/') + 1));
        QCOMPARE(order, (std::vector{"match_busid"s, "authorized"s, "unbind"s, "bind"s}));
    }

    /// In dom0's view it is free before udev's programs, which come with its driver, have the processor.
    void qubesDbIsToldFirst()
    {
        const FakePrograms programs(m_fake->paths());
        const std::string seen = m_fake->paths().root + "/seen";
        programs.install("qubesdb-rm", "readlink " + m_fake->sys("bus/usb/devices/2-1") + "/driver >>" + seen);
        programs.install("qubesdb-write");
        m_fake->giveToUsbipHost("2-1", 1);
        VERIFY_SUCCEEDS(settled(lease()));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(FakeSysfs::get(seen).ends_with("usbip-host\n"));
    }

    void oneThatHangsHoldsNoDevice()
    {
        const FakePrograms programs(m_fake->paths());
        programs.install("qubesdb-rm", "exec sleep 100");
        programs.install("qubesdb-write", "exec sleep 100");
        m_fake->giveToUsbipHost("2-1", 1);
        const auto before = std::chrono::steady_clock::now();
        VERIFY_SUCCEEDS(settled(lease()));
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(!hasLease());
    }

    void anotherDeviceInItsPlaceIsLeftAlone()
    {
        ExportLease other = lease(true);
        other.device = "1234:5678 x";
        VERIFY_SUCCEEDS(settled(other));
        QVERIFY(m_fake->written().empty());
        QVERIFY(!hasLease());
    }

    void aDeviceThatHasGone()
    {
        const FakePrograms programs(m_fake->paths());
        programs.install("qubesdb-rm");
        programs.install("qubesdb-write");
        const ExportLease left = lease();
        m_fake->unplug("2-1");
        VERIFY_SUCCEEDS(settled(left));
        QVERIFY(!hasLease());
        QVERIFY(!programs.calls().empty()); // dom0 is told that nobody has it
    }

    void whatCannotBeDoneIsTriedAgain()
    {
        m_fake->giveToUsbipHost("2-1", 1);
        const std::string file = "bus/usb/drivers/usbip-host/unbind";
        const auto kernel = m_fake->reaction(file);
        m_fake->onWrite(file, [](const std::string &) { return EIO; });
        VERIFY_FAILS(settled(lease()), Fault::System);
        QVERIFY(hasLease());
        m_fake->onWrite(file, kernel);
        auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(settleAbandoned(m_fake->paths(), *locks, Log(false), Deadline(patience)));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(!hasLease());
    }

    /// Of the ten seconds that there are it has one.
    void oneThatHangsLeavesTimeForTheNext()
    {
        m_fake->addDevice("2-2");
        m_fake->giveToUsbipHost("2-2", 1);
        m_fake->giveToUsbipHost("2-1", 2); // in use, and stays so
        auto locks = LockTable::open(m_fake->paths());
        const BusId next = *BusId::parse("2-2");
        for (const BusId &busid : {m_busid, next}) {
            VERIFY_SUCCEEDS(
                Leases(m_fake->paths()).save(ExportLease{busid, *QubeName::parse("work"), "", "usb", false, false, 0}));
        }
        VERIFY_FAILS(settleAbandoned(m_fake->paths(), *locks, Log(false), Deadline(10s), 1s), Fault::Timeout);
        QCOMPARE(m_fake->driver("2-2"), "usb"s);
        QVERIFY(!Leases(m_fake->paths()).find(next));
        QVERIFY(hasLease());
    }

    void whatALivingProcessHasIsLeftAlone()
    {
        m_fake->giveToUsbipHost("2-1", 2);
        const Bell locked;
        const Forked keeper([&] {
            auto own = LockTable::open(m_fake->paths());
            const auto lock = own->lock(exportLock("2-1"));
            locked.ring();
            pause();
            return 0;
        });
        QVERIFY(locked.heard());
        VERIFY_SUCCEEDS(settled(lease()));
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
        QVERIFY(hasLease());
    }
};

QTEST_GUILESS_MAIN(TestSettle)
#include "tst_settle.moc"
