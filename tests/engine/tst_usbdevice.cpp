// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "kernel/usbdevice.h"
#include "show.h"

#include <filesystem>

using namespace engine;
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
};

QTEST_GUILESS_MAIN(TestUsbDevice)
#include "tst_usbdevice.moc"
