// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/udevproperty.h"

#include "show.h"

#include <umockdev.h>

using namespace engine;
using namespace std::string_literals;

class TestUdevProperty : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ofADevice()
    {
        UMockdevTestbed *const testbed = umockdev_testbed_new();
        QVERIFY2(umockdev_in_mock_environment() != 0, "to be run with libumockdev-preload");
        const char *attributes[] = {"speed", "480", nullptr};
        const char *properties[] = {"DEVTYPE", "usb_device", "QUBES_USB_RESET", "1", nullptr};
        g_free(umockdev_testbed_add_devicev(testbed, "usb", "2-1", nullptr, const_cast<char **>(attributes),
                                            const_cast<char **>(properties)));
        QCOMPARE(udevProperty("2-1", "QUBES_USB_RESET"), "1"s);
        QCOMPARE(udevProperty("2-1", "QUBES_OTHER"), ""s);
        QCOMPARE(udevProperty("2-2", "QUBES_USB_RESET"), ""s);
        g_object_unref(testbed);
    }
};

QTEST_APPLESS_MAIN(TestUdevProperty)
#include "tst_udevproperty.moc"
