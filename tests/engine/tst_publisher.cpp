// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/publisher.h"
#include "fakesysfs.h"
#include "show.h"

#include <algorithm>
#include <filesystem>

using namespace engine;
using namespace std::string_literals;

class TestPublisher : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::map<std::string, std::string> m_udev;

    QubesDb::Device described() const
    {
        const auto device = UsbDevice::open(m_fake->paths(), *BusId::parse("2-1"));
        return describe(*device, [this](const std::string &name) {
            const auto found = m_udev.find(name);
            return found == m_udev.end() ? std::string() : found->second;
        });
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_udev.clear();
    }
    void cleanup() { m_fake.reset(); }

    void asUdevKnowsIt()
    {
        m_fake->addDevice("2-1");
        m_udev = {{"ID_VENDOR_ENC", "QEMU"},
                  {"ID_MODEL_ENC", "QEMU\\x20USB\\x20HARDDRIVE"},
                  {"ID_SERIAL_SHORT", "1-0000:00:14.0-1"},
                  {"ID_USB_INTERFACES", ":080650:"}};
        const auto device = described();
        QCOMPARE(device.description, "46f4:0001 QEMU QEMU\\x20USB\\x20HARDDRIVE 1-0000:00:14.0-1"s);
        QCOMPARE(device.usbVersion, "2"s);
        QCOMPARE(device.interfaces, ":080650:"s);
    }

    void withoutUdevItComesFromSysfs()
    {
        m_fake->addDevice("2-1", {{"serial", "A B"}, {"version", " 3.20"}});
        m_fake->addInterface("2-1", "1.0", "080650");
        m_fake->addInterface("2-1", "1.1", "0e0100");
        m_fake->addInterface("2-1", "1.2", "080650"); // said once
        const auto device = described();
        QCOMPARE(device.description, "46f4:0001 QEMU QEMU\\x20USB\\x20HARDDRIVE A\\x20B"s);
        QCOMPARE(device.usbVersion, "3"s);
        QCOMPARE(device.interfaces, ":080650:0e0100:"s);
    }

    void fourFieldsWhateverItSays_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"", "plain", "two words", " around ", "\x1b[2J\x7f", "caf\xc3\xa9", "a\nb", "\\x20"})
            QTest::newRow(text) << QByteArray(text);
    }
    void fourFieldsWhateverItSays()
    {
        QFETCH(QByteArray, text);
        const std::string all = bytesOf(text);
        m_fake->addDevice("2-1", {{"manufacturer", all}, {"product", all}, {"serial", all}});
        const std::string description = described().description;
        QCOMPARE(std::ranges::count(description, ' '), 3);
        QVERIFY(std::ranges::all_of(description, [](char c) { return c >= 0x20 && c < 0x7f; }));
    }

    void udevsTextIsNotTrustedEither()
    {
        m_fake->addDevice("2-1");
        m_udev = {{"ID_VENDOR_ENC", "a b\n"}};
        QVERIFY(described().description.starts_with("46f4:0001 a\\x20b\\x0a "));
    }

    void aDeviceWithoutSerial()
    {
        m_fake->addDevice("2-1", {{"serial", ""}});
        QVERIFY(described().description.ends_with("HARDDRIVE ")); // an empty last field
    }

    void interfacesThatCannotBeReadAreLeftOut()
    {
        m_fake->addDevice("2-1");
        m_fake->addInterface("2-1", "1.0", "080650");
        std::filesystem::remove(m_fake->paths().usbDevices() + "/2-1/2-1:1.0/bInterfaceProtocol");
        QCOMPARE(described().interfaces, ":"s);
    }
};

QTEST_GUILESS_MAIN(TestPublisher)
#include "tst_publisher.moc"
