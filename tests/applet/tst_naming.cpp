// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/devicenaming.h"

#include <QFile>
#include <QTest>

using namespace model;

namespace {

PlainText text(const QString &plain)
{
    return PlainText::fromUntrusted(plain);
}

UsbDevice deviceAt(const char *port)
{
    return UsbDevice{DeviceKey{*QubeName::parse(QByteArrayView("sys-usb")), *PortId::parse(QByteArrayView(port))}};
}

/// Knows one device.
class OneName : public HardwareNames
{
public:
    PlainText vendor(quint16 vendorId) const override
    {
        return vendorId == 0x8087 ? text(QStringLiteral("Intel Corp.")) : PlainText();
    }
    PlainText product(quint16 vendorId, quint16 productId) const override
    {
        return vendorId == 0x8087 && productId == 0x0a2b ? text(QStringLiteral("Bluetooth wireless interface"))
                                                         : PlainText();
    }
};

} // namespace

class TestNaming : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Devices as people posted them (tests/fixtures/devices.tsv), with the name and kind that they would expect.
    void posted_data()
    {
        QTest::addColumn<QStringList>("row");
        QFile file(QStringLiteral(POSTED_DEVICES));
        QVERIFY(file.open(QIODevice::ReadOnly | QIODevice::Text));
        file.readLine(); // the heading
        for (int number = 2; !file.atEnd(); ++number) {
            const QStringList row = QString::fromUtf8(file.readLine()).chopped(1).split(QLatin1Char('\t'));
            QCOMPARE(row.size(), 8);
            QTest::addRow("line %d: %s", number, qPrintable(row.at(5))) << row;
        }
    }
    void posted()
    {
        QFETCH(QStringList, row);
        UsbDevice device = deviceAt("2-1");
        device.vendorId = static_cast<quint16>(QStringView(row.at(0)).first(4).toUInt(nullptr, 16));
        device.productId = static_cast<quint16>(QStringView(row.at(0)).sliced(5).toUInt(nullptr, 16));
        device.interfaces = *Interface::parseList(row.at(1).toLatin1());
        device.vendor = text(row.at(2));
        device.product = text(row.at(3));
        device.manufacturer = text(row.at(4));
        QCOMPARE(deviceName(device, HardwareNames()).toString(), row.at(5));
        QCOMPARE(categoryName(device.category()), row.at(6));
    }

    void inOneText_data()
    {
        QTest::addColumn<QString>("told");
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("saysWhat");
        const auto row = [](const char *told, const char *name, bool saysWhat = true) {
            QTest::newRow(told) << QString::fromLatin1(told) << QString::fromLatin1(name) << saysWhat;
        };
        row("Kingston DataTraveler 3.0 60A44C413FAE2140A9731F1E", "Kingston DataTraveler 3.0");
        row("SAMSUNG SAMSUNG Android R58M123ABCD", "SAMSUNG Android R58M123ABCD"); // too short to be sure
        row("Logitech USB Receiver", "Logitech USB Receiver");
        row("Seagate ST1000LM024", "Seagate ST1000LM024");
        row("8087 0a2b", "Bluetooth wireless interface (Intel)");
        row("8087 0a2c", "Intel", false);
        row("1d6b 0104 feedface", "1d6b 0104 feedface", false); // better than nothing
    }
    void inOneText()
    {
        QFETCH(QString, told);
        QFETCH(QString, name);
        QFETCH(bool, saysWhat);
        UsbDevice device = deviceAt("2-1");
        device.text = text(told);
        QCOMPARE(deviceName(device, OneName()).toString(), name);
        QCOMPARE(isProductNamed(device, OneName()), saysWhat);
    }

    void nobodyToldAnything()
    {
        const UsbDevice device = deviceAt("2-1");
        QVERIFY(deviceName(device, OneName()).isEmpty());
        QCOMPARE(deviceDescription(device, OneName()), QStringLiteral("USB device: unknown vendor unknown usb device"));
    }

    void idsInPlaceOfNames()
    {
        UsbDevice device = deviceAt("2-1");
        device.vendorId = 0x8087;
        device.productId = 0x0a2b;
        device.manufacturer = text(QStringLiteral("8087"));
        device.product = text(QStringLiteral("0a2b"));
        QCOMPARE(deviceName(device, OneName()).toString(), QStringLiteral("Bluetooth wireless interface (Intel)"));
        QVERIFY(deviceName(device, HardwareNames()).isEmpty());
        QVERIFY(!isProductNamed(device, HardwareNames()));
        device.product = text(QStringLiteral("8087")); // no id of this product
        QCOMPARE(deviceName(device, HardwareNames()).toString(), QStringLiteral("8087"));
    }

    void theLineOfTheQubesTools()
    {
        UsbDevice device = deviceAt("2-1");
        device.interfaces = *Interface::parseList("u080650");
        device.vendor = text(QStringLiteral("Kingston Technology Co., Ltd"));
        device.product = text(QStringLiteral("DataTraveler"));
        QCOMPARE(deviceDescription(device, HardwareNames()),
                 QStringLiteral("USB Storage: Kingston Technology Co., Ltd DataTraveler"));
    }
};

QTEST_GUILESS_MAIN(TestNaming)
#include "tst_naming.moc"
