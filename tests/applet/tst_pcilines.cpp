// SPDX-License-Identifier: GPL-2.0-or-later
// Who has a USB controller, from the lists of PCI devices of all releases.
#include "qubes/pcilines.h"

#include <QTest>

using qubes::PciAssignments;

class TestPciLines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void assignments_data();
    void assignments();
    void controllersOfDom0();
    void controllersOfDom0BeforeR43();
};

void TestPciLines::assignments_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("legacy");
    QTest::addColumn<bool>("usbController");
    QTest::addColumn<QByteArray>("otherPorts");
    const QByteArray rest = " devclass='pci' backend_domain='dom0' mode='required' frontend_domain='sys-usb'";
    const QByteArray usb = "dom0+00_14.0:0x8086:0xa0ed::p0c0330 device_id='0x8086:0xa0ed::p0c0330' port_id='00_14.0'";
    const QByteArray card = "dom0+00_1f.6:0x8086:0x15fc::p020000 device_id='0x8086:0x15fc::p020000' port_id='00_1f.6'";
    const QByteArray any = "dom0+00_1d.0-00_00.0:* device_id='*' port_id='00_1d.0-00_00.0'";
    const QByteArray moving = "dom0+*:0x8086:0xa0ed::p0c0330 device_id='0x8086:0xa0ed::p0c0330' port_id='*'";
    QTest::newRow("nothing") << QByteArray() << false << false << QByteArray();
    QTest::newRow("USB controller") << usb + rest + " _no-strict-reset='True'\n" << false << true << QByteArray();
    QTest::newRow("network card") << card + rest + '\n' << false << false << QByteArray("00_1f.6");
    QTest::newRow("both") << card + rest + '\n' + usb + rest + '\n' << false << true << QByteArray("00_1f.6");
    QTest::newRow("whatever is at a port") << any + rest + '\n' << false << false << QByteArray("00_1d.0-00_00.0");
    QTest::newRow("at whatever port") << moving + rest + '\n' << false << true << QByteArray();
    QTest::newRow("of another qube than dom0")
        << "work+00_14.0:0x8086:0xa0ed::p0c0330 device_id='x'\n" + rest << false << false << QByteArray();
    QTest::newRow("nonsense") << QByteArray("\0\xff+p0c0330\n\n \n", 14) << false << false << QByteArray();
    QTest::newRow("4.2") << QByteArray("dom0+00_14.0 persistent=yes\n") << true << false << QByteArray("00_14.0");
    QTest::newRow("4.2, with options") << QByteArray("dom0+00_1f.6 no-strict-reset=True persistent=yes\n") << true
                                       << false << QByteArray("00_1f.6");
}

void TestPciLines::assignments()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, legacy);
    QFETCH(bool, usbController);
    QFETCH(QByteArray, otherPorts);
    const PciAssignments found = qubes::parsePciAssignments(text, legacy);
    QCOMPARE(found.usbController, usbController);
    QCOMPARE(QByteArrayList(found.otherPorts.cbegin(), found.otherPorts.cend()).join(' '), otherPorts);
}

void TestPciLines::controllersOfDom0()
{
    const QByteArray text = "00_14.0:0x8086:0xa0ed::p0c0330 device_id='0x8086:0xa0ed::p0c0330' port_id='00_14.0' "
                            "devclass='pci' backend_domain='dom0' product='p1' vendor='v' interfaces='p0c0330' "
                            "_sbdf='0000:00:14.0'\n"
                            "00_1d.0-00_00.0:0x8086:0x2725::p028000 device_id='0x8086:0x2725::p028000' "
                            "port_id='00_1d.0-00_00.0' devclass='pci' backend_domain='dom0' product='USB p0c0330' "
                            "vendor='v' interfaces='p028000' _sbdf='0000:aa:00.0'\n";
    QCOMPARE(qubes::parseUsbControllers(text), QSet<QByteArray>{"00_14.0"});
    QVERIFY(qubes::parseUsbControllers({}).isEmpty());
}

void TestPciLines::controllersOfDom0BeforeR43()
{
    const QByteArray text = "00_14.0 description=USB controller: Intel Corporation xHCI\n"
                            "00_1f.6 description=Ethernet controller: description=USB controller: no\n"
                            "00_1a.0 interfaces=?****** name=unknown description=USB controller: EHCI\n";
    QCOMPARE(qubes::parseUsbControllers(text), (QSet<QByteArray>{"00_14.0", "00_1a.0"}));
}

QTEST_GUILESS_MAIN(TestPciLines)
#include "tst_pcilines.moc"
