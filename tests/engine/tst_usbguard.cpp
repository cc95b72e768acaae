// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeprograms.h"
#include "qubes/usbguard.h"
#include "show.h"

using namespace engine;
using namespace std::string_literals;
using Calls = std::vector<std::vector<std::string>>;

class TestUsbguard : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakePrograms> m_programs;

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), *BusId::parse("2-1.4"))); }
    std::string authorizedFile() const { return m_fake->paths().usbDevices() + "/2-1.4/authorized"; }
    std::size_t written() const { return m_fake->written().size(); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_programs = std::make_unique<FakePrograms>(m_fake->paths());
        m_fake->addDevice("2-1.4", {{"authorized", "0"}});
    }
    void cleanup() { m_fake.reset(); }

    void blockedIsWhatTheKernelSays()
    {
        QVERIFY(isBlocked(device()));
        m_fake->setAttribute("2-1.4", "authorized", "1");
        QVERIFY(!isBlocked(device()));
    }

    void usbguardIsAskedWhereItIs()
    {
        m_programs->install("usbguard", "echo 1 >\"" + authorizedFile() + '"');
        VERIFY_SUCCEEDS(allow(m_fake->paths(), device()));
        QCOMPARE(m_programs->calls(), (Calls{{"usbguard", "allow-device", "via-port \"2-1.4\""}}));
        QCOMPARE(written(), std::size_t{0});
    }

    void directlyWhereItIsNotOrDoesNothing_data()
    {
        QTest::addColumn<bool>("installed");
        QTest::newRow("no usbguard") << false;
        QTest::newRow("usbguard fails") << true;
    }
    void directlyWhereItIsNotOrDoesNothing()
    {
        QFETCH(bool, installed);
        if (installed)
            m_programs->install("usbguard", "exit 1");
        VERIFY_SUCCEEDS(allow(m_fake->paths(), device()));
        QCOMPARE(m_fake->attribute("2-1.4", "authorized"), "1"s);
    }

    void whatStaysBlockedIsSaid()
    {
        const std::string file = "devices/pci0000:00/0000:00:14.0/usb2/2-1.4/authorized";
        m_fake->onWrite(file, [](const std::string &) { return 0; }); // takes it, and nothing comes of it
        const auto done = allow(m_fake->paths(), device());
        VERIFY_FAILS(done, Fault::Unsuitable);
        QVERIFY(done.error().text.find("2-1.4 is blocked") != std::string::npos);
        m_fake->onWrite(file, [](const std::string &) { return EPERM; });
        VERIFY_FAILS(allow(m_fake->paths(), device()), Fault::System);
    }
};

QTEST_APPLESS_MAIN(TestUsbguard)
#include "tst_usbguard.moc"
