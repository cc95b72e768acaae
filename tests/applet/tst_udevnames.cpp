// SPDX-License-Identifier: GPL-2.0-or-later
// Names from the hardware database of this machine (package udev), which holds usb.ids.
#include "udevnames.h"

#include <QTest>

class TestUdevNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knownOnes()
    {
        const UdevNames names;
        QCOMPARE(names.vendor(0x0951).toString(), QStringLiteral("Kingston Technology"));
        QCOMPARE(names.product(0x8087, 0x0a2b).toString(), QStringLiteral("Bluetooth wireless interface"));
        QCOMPARE(names.product(0x8087, 0x0a2b).toString(), QStringLiteral("Bluetooth wireless interface")); // again
        QCOMPARE(names.interfaceText(0x03, 0x01, 0x01).toString(), QStringLiteral("Keyboard"));
        QCOMPARE(names.interfaceText(0x03, 0x01, -1).toString(), QStringLiteral("Boot Interface Subclass"));
        QCOMPARE(names.interfaceText(0x03, -1, -1).toString(), QStringLiteral("Human Interface Device"));
    }

    void unknownOnes()
    {
        const UdevNames names;
        QVERIFY(names.vendor(0xdead).isEmpty());
        QVERIFY(names.product(0x0951, 0x0000).isEmpty()); // and not its vendor's
        QVERIFY(names.interfaceText(0x99, 0x99, 0x99).isEmpty());
        for (int id = 0; id < 5000; ++id) // more than are remembered
            QVERIFY(names.product(0xdead, static_cast<quint16>(id)).isEmpty());
        QCOMPARE(names.vendor(0x046d).toString(), QStringLiteral("Logitech, Inc."));
    }
};

QTEST_GUILESS_MAIN(TestUdevNames)
#include "tst_udevnames.moc"
