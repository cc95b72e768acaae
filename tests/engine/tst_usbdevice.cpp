// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/usbdevice.h"
#include "show.h"

#include <cerrno>
#include <filesystem>
#include <poll.h>
#include <sys/wait.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

class TestUsbDevice : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    Result<UsbDevice> open(const std::string &busid) const
    {
        return UsbDevice::open(m_fake->paths(), *BusId::parse(busid));
    }
    Result<UsbDevice> find(const std::string &spec) const
    {
        return findDevice(m_fake->paths(), *DeviceSpec::parse(spec));
    }

private Q_SLOTS:
    void init() { m_fake = std::make_unique<FakeSysfs>(); }
    void cleanup() { m_fake.reset(); }

    void whatItTellsOfItself()
    {
        m_fake->addDevice("2-1", {{"busnum", "2"}, {"devnum", "7"}, {"speed", "5000"}});
        const auto device = open("2-1");
        VERIFY_SUCCEEDS(device);
        QCOMPARE(device->busid().text(), "2-1"s);
        QVERIFY((device->vidPid() == VidPid{0x46f4, 0x0001}));
        QCOMPARE(device->vendorAndProduct(), "46f4:0001"s);
        QCOMPARE(device->product(), "QEMU USB HARDDRIVE"s);
        QCOMPARE(device->driver(), "usb"s);
        QCOMPARE(device->speed()->text(), "5000"s);
        QCOMPARE(*device->devId(), 0x20007U);
        QCOMPARE(*device->node(), "bus/usb/002/007"s);
        QVERIFY(!device->isHub());
        QVERIFY(!device->isImported());
        QVERIFY(device->isPresent());
    }

    void nodesOfHighNumbersAreLonger()
    {
        m_fake->addDevice("2-1", {{"busnum", "12"}, {"devnum", "127"}});
        QCOMPARE(*open("2-1")->node(), "bus/usb/012/127"s);
    }

    void itsTextIsUntrusted()
    {
        m_fake->addDevice("2-1", {{"product", "Evil\x1b[2J\xe2\x80\xae" + std::string(200, 'x')}});
        const std::string product = open("2-1")->product();
        QVERIFY(product.starts_with("Evil_[2J___xxx"));
        QCOMPARE(product.size(), std::size_t{64});
    }

    void aDeviceWithoutStrings()
    {
        m_fake->addDevice("2-1");
        std::filesystem::remove(m_fake->paths().usbDevices() + "/2-1/product");
        QCOMPARE(open("2-1")->product(), ""s);
    }

    void thereMayBeNone()
    {
        VERIFY_FAILS(open("2-1"), Fault::NotFound);
        VERIFY_FAILS(find("2-1"), Fault::NotFound);
    }

    void aFolderThatIsNoDevice()
    {
        m_fake->put("bus/usb/devices/2-1/bInterfaceClass", "08\n");
        VERIFY_FAILS(open("2-1"), Fault::NotFound);
    }

    void hubsAndImportedDevicesAreKnown()
    {
        m_fake->addHub("1-1");
        m_fake->addImported("3-1");
        QVERIFY(open("1-1")->isHub());
        QVERIFY(open("3-1")->isImported());
    }

    void blockedIsWhatTheKernelSays()
    {
        m_fake->addDevice("2-1");
        const auto device = open("2-1");
        QVERIFY(!device->isBlocked());
        m_fake->setAttribute("2-1", "authorized", "0");
        QVERIFY(device->isBlocked());
        m_fake->unplug("2-1");
        QVERIFY(!device->isBlocked());
    }

    void whatStaysWhenItIsPluggedInAgain()
    {
        m_fake->addDevice("2-1", {{"serial", "AB 12"}, {"devnum", "7"}});
        const std::string first = open("2-1")->idsAndSerial();
        QCOMPARE(first, "46f4:0001 AB 12"s);
        m_fake->unplug("2-1");
        m_fake->addDevice("2-1", {{"serial", "AB 12"}, {"devnum", "8"}});
        QCOMPARE(open("2-1")->idsAndSerial(), first);
        m_fake->setAttribute("2-1", "serial", "AB 13");
        QVERIFY(open("2-1")->idsAndSerial() != first);
        std::filesystem::remove(m_fake->paths().usbDevices() + "/2-1/serial");
        QCOMPARE(open("2-1")->idsAndSerial(), "46f4:0001 -"s);
    }

    void aHostileSerialIsOneLine()
    {
        m_fake->addDevice("2-1", {{"serial", "a\nb\x1b" + std::string(500, 'x')}});
        const std::string text = open("2-1")->idsAndSerial();
        QVERIFY2(text.starts_with("46f4:0001 a b_xxx"), text.c_str());
        QCOMPARE(text.size(), std::size_t{200});
    }

    void aSpeedThatTheKernelDoesNotKnow_data()
    {
        QTest::addColumn<QByteArray>("speed");
        for (const char *text : {"unknown", "", "480x"})
            QTest::newRow(text) << QByteArray(text);
    }
    void aSpeedThatTheKernelDoesNotKnow()
    {
        QFETCH(QByteArray, speed);
        m_fake->addDevice("2-1", {{"speed", bytesOf(speed)}});
        VERIFY_FAILS(open("2-1")->speed(), Fault::NotFound);
    }

    void anUnpluggedDeviceIsGone()
    {
        m_fake->addDevice("2-1");
        const auto device = open("2-1");
        VERIFY_SUCCEEDS(device->verifyUnchanged());
        m_fake->unplug("2-1");
        QVERIFY(!device->isPresent());
        VERIFY_FAILS(device->verifyUnchanged(), Fault::NotFound);
        VERIFY_FAILS(device->devId(), Fault::NotFound);
        VERIFY_FAILS(device->node(), Fault::NotFound);
    }

    void anotherDeviceInItsPlaceIsNotIt()
    {
        m_fake->addDevice("2-1");
        const auto device = open("2-1");
        m_fake->unplug("2-1");
        m_fake->addDevice("2-1");
        QVERIFY(!device->isPresent());
        VERIFY_FAILS(device->verifyUnchanged(), Fault::NotFound);
    }

    void aDeviceThatChangesItsIdentity_data()
    {
        QTest::addColumn<QByteArray>("attribute");
        for (const char *name : {"devnum", "serial", "descriptors"})
            QTest::newRow(name) << QByteArray(name);
    }
    void aDeviceThatChangesItsIdentity()
    {
        QFETCH(QByteArray, attribute);
        m_fake->addDevice("2-1");
        const auto device = open("2-1");
        m_fake->setAttribute("2-1", bytesOf(attribute), "99");
        VERIFY_FAILS(device->verifyUnchanged(), Fault::Unsuitable);
    }

    void whatMayChange()
    {
        m_fake->addDevice("2-1");
        const auto device = open("2-1");
        m_fake->setAttribute("2-1", "authorized", "0");
        m_fake->setAttribute("2-1", "bConfigurationValue", "");
        m_fake->setDriver("2-1", "");
        VERIFY_SUCCEEDS(device->verifyUnchanged());
        QCOMPARE(device->driver(), ""s);
    }

    void wholeDevicesAreListed()
    {
        m_fake->addDevice("2-1");
        m_fake->addDevice("10-1");
        m_fake->addHub("1-1");
        m_fake->addImported("3-1");
        m_fake->addInterface("2-1", "1.0", "080650");
        m_fake->put("bus/usb/devices/usb1/busnum", "1\n");
        std::string names;
        for (const UsbDevice &device : listDevices(m_fake->paths()))
            names += device.busid().text() + ' ';
        QCOMPARE(names, "1-1 10-1 2-1 3-1 "s);
    }

    void noUsbAtAll()
    {
        Paths none = m_fake->paths();
        none.sys += "/none";
        QVERIFY(listDevices(none).empty());
    }

    void oneOfItsIds()
    {
        m_fake->addDevice("2-1");
        m_fake->addDevice("2-2", {{"idProduct", "0002"}});
        QCOMPARE(find("0x46f4.0x0001")->busid().text(), "2-1"s);
        QCOMPARE(find("0x46F4.0x0002")->busid().text(), "2-2"s);
    }

    void noneOfItsIds()
    {
        m_fake->addDevice("2-1");
        VERIFY_FAILS(find("0x46f4.0x0002"), Fault::NotFound);
        VERIFY_FAILS(find("0x0001.0x46f4"), Fault::NotFound);
    }

    void twoOfItsIdsAreNamed()
    {
        m_fake->addDevice("2-1");
        m_fake->addDevice("1-1.4");
        const auto found = find("0x46f4.0x0001");
        VERIFY_FAILS(found, Fault::NotFound);
        QVERIFY(found.error().text.find("(1-1.4, 2-1)") != std::string::npos);
    }

    void idsMeanOnlyWhatCouldBeExported()
    {
        m_fake->addImported("3-1");
        VERIFY_FAILS(find("0x46f4.0x0001"), Fault::NotFound);
        m_fake->addHub("1-1");
        VERIFY_FAILS(find("0x05e3.0x0608"), Fault::NotFound);
        m_fake->addDevice("2-1");
        QCOMPARE(find("0x46f4.0x0001")->busid().text(), "2-1"s);
    }

    void idsThatCannotBeReadMatchNothing()
    {
        m_fake->addDevice("2-1", {{"idVendor", "zzzz"}, {"idProduct", ""}});
        VERIFY_FAILS(find("0xffff.0xffff"), Fault::NotFound);
    }

    void aResetGoesToTheNode()
    {
        m_fake->addDevice("2-1", {{"busnum", "2"}, {"devnum", "9"}});
        const std::string node = m_fake->paths().dev + "/bus/usb/002/009";
        FakeSysfs::putFile(node, "");
        const std::string record = m_fake->paths().root + "/reset";
        m_fake->onReset([&](const std::string &path) {
            FakeSysfs::putFile(record, path); // in the process that does it
            return 0;
        });
        VERIFY_SUCCEEDS(open("2-1")->reset(m_fake->paths(), Deadline(patience)));
        QCOMPARE(FakeSysfs::get(record), node);
    }

    void aResetThatTheKernelRefuses()
    {
        m_fake->addDevice("2-1", {{"busnum", "2"}, {"devnum", "9"}});
        FakeSysfs::putFile(m_fake->paths().dev + "/bus/usb/002/009", "");
        m_fake->onReset([](const std::string &) { return ENODEV; });
        const auto done = open("2-1")->reset(m_fake->paths(), Deadline(patience));
        VERIFY_FAILS(done, Fault::System);
        QCOMPARE(done.error().number, ENODEV);
        QVERIFY(done.error().text.find("2-1") != std::string::npos);
    }

    void aResetWithoutNodeFails()
    {
        m_fake->addDevice("2-1");
        QCOMPARE(open("2-1")->reset(m_fake->paths(), Deadline(patience)).error().number, ENOENT);
    }

    void aResetThatHangsIsGivenUp()
    {
        m_fake->addDevice("2-1", {{"busnum", "2"}, {"devnum", "9"}});
        FakeSysfs::putFile(m_fake->paths().dev + "/bus/usb/002/009", "");
        const std::string mayEnd = m_fake->paths().root + "/may-end";
        m_fake->onReset([&](const std::string &) {
            becomesTrue([&] { return std::filesystem::exists(mayEnd); });
            return 0;
        });
        VERIFY_FAILS(open("2-1")->reset(m_fake->paths(), Deadline(50ms)), Fault::Timeout);
        FakeSysfs::putFile(mayEnd, "");
        QVERIFY(becomesTrue([] { return waitpid(-1, nullptr, WNOHANG) > 0; })); // its process
    }

    void waitingUntilItIsGone()
    {
        QVERIFY(waitUntilGone(m_fake->paths(), "2-1", Deadline(0ms)));
        m_fake->addDevice("2-1");
        QVERIFY(!waitUntilGone(m_fake->paths(), "2-1", Deadline(30ms)));
        Forked other([this] {
            poll(nullptr, 0, 30); // while it is waited for
            m_fake->unplug("2-1");
            return 0;
        });
        QVERIFY(waitUntilGone(m_fake->paths(), "2-1", Deadline(patience)));
        QVERIFY(!std::filesystem::exists(m_fake->paths().usbDevices() + "/2-1"));
        QCOMPARE(other.wait(), 0);
    }
};

QTEST_GUILESS_MAIN(TestUsbDevice)
#include "tst_usbdevice.moc"
