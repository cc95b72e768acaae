// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/category.h"
#include "model/names.h"
#include "model/qube.h"
#include "model/usbdevice.h"

#include <QTest>

using namespace model;

class TestValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void plainText_data();
    void plainText();
    void plainTextIsBounded();
    void qubeName_data();
    void qubeName();
    void portId_data();
    void portId();
    void portsCountAsPeopleDo();
    void deviceId();
    void deviceIdRefuses_data();
    void deviceIdRefuses();
    void category_data();
    void category();
    void inputDevices();
    void identity();
    void denyList();
};

void TestValues::plainText_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("shown");
    QTest::newRow("as it is") << QByteArray("DataTraveler 3.0") << QStringLiteral("DataTraveler 3.0");
    QTest::newRow("markup stays text") << QByteArray("<b>&amp;</b>") << QStringLiteral("<b>&amp;</b>");
    QTest::newRow("format string") << QByteArray("%s%n%1") << QStringLiteral("%s%n%1");
    QTest::newRow("control") << QByteArray("a\x1b[31mb\x07") << QStringLiteral("a\u241b[31mb\u2407");
    QTest::newRow("NUL and DEL") << QByteArray("a\0b\x7f", 4) << QStringLiteral("a\u2400b\u2421");
    QTest::newRow("new lines are blanks or visible, never lines") << QByteArray("a\nb") << QStringLiteral("a\u240ab");
    QTest::newRow("right to left override") << QByteArray("a\xe2\x80\xae"
                                                          "cod.exe")
                                            << QStringLiteral("a\\u{202e}cod.exe");
    QTest::newRow("isolate") << QByteArray("\xe2\x81\xa6x") << QStringLiteral("\\u{2066}x");
    QTest::newRow("zero width") << QByteArray("a\xe2\x80\x8b"
                                              "b")
                                << QStringLiteral("a\\u{200b}b");
    QTest::newRow("line separator") << QByteArray("a\xe2\x80\xa8"
                                                  "b")
                                    << QStringLiteral("a\\u{2028}b");
    QTest::newRow("C1 control") << QByteArray("\xc2\x9b"
                                              "31m")
                                << QStringLiteral("\\u{9b}31m");
    QTest::newRow("not UTF-8") << QByteArray("\xff\xfe") << QStringLiteral("\ufffd\ufffd");
    QTest::newRow("runs of blanks") << QByteArray("  a        b  ") << QStringLiteral("a b");
    QTest::newRow("stacked accents") << QByteArray("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81x")
                                     << QStringLiteral("e\u0301\u0301x");
    QTest::newRow("umlauts, emoji") << QByteArray("Ger\xc3\xa4t \xf0\x9f\x8e\xa7") << QString::fromUtf8("Gerät 🎧");
}

void TestValues::plainText()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, shown);
    QCOMPARE(PlainText::fromUntrusted(bytes).toString(), shown);
}

void TestValues::plainTextIsBounded()
{
    const auto text = PlainText::fromUntrusted(QByteArray(4096, 'S'), 20);
    QCOMPARE(text.toString(), QString(19, u'S') + u'…');
    for (const QByteArray &unit : {QByteArray("\xf0\x9f\x8e\xa7"), QByteArray("\x01"), QByteArray("\xe2\x80\xae")}) {
        const QString shown = PlainText::fromUntrusted(unit.repeated(4096), 20).toString();
        QVERIFY(shown.size() <= 20);
        QVERIFY(shown.endsWith(u'…'));
        QVERIFY(!shown.at(shown.size() - 2).isHighSurrogate());
    }
    QCOMPARE(PlainText::fromUntrusted(QByteArray(20, 'S'), 20).toString().size(), 20);
}

void TestValues::qubeName_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("good");
    QTest::newRow("usual") << QByteArray("sys-usb") << true;
    QTest::newRow("dots, digits") << QByteArray("w.0_r-k") << true;
    QTest::newRow("31 characters") << QByteArray(31, 'a') << true;
    QTest::newRow("32 characters") << QByteArray(32, 'a') << false;
    QTest::newRow("empty") << QByteArray() << false;
    QTest::newRow("begins with a digit") << QByteArray("1work") << false;
    QTest::newRow("option") << QByteArray("-work") << false;
    QTest::newRow("keyword") << QByteArray("@adminvm") << false;
    QTest::newRow("blank") << QByteArray("a b") << false;
    QTest::newRow("new line") << QByteArray("work\n") << false;
    QTest::newRow("NUL") << QByteArray("work\0x", 6) << false;
    QTest::newRow("not ASCII") << QByteArray("w\xc3\xb6rk") << false;
    QTest::newRow("no qube") << QByteArray("none") << false;
    QTest::newRow("no qube, as Python writes it") << QByteArray("None") << false;
    QTest::newRow("the default") << QByteArray("default") << false;
    QTest::newRow("dom0 as Xen calls it") << QByteArray("Domain-0") << false;
    QTest::newRow("a stub domain") << QByteArray("work-dm") << false;
    QTest::newRow("not quite") << QByteArray("none-dmz") << true;
}

void TestValues::qubeName()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, good);
    QCOMPARE(QubeName::parse(QByteArrayView(name)).has_value(), good);
    QCOMPARE(QubeName::parse(QString::fromUtf8(name)).has_value(), good);
}

void TestValues::portId_data()
{
    QTest::addColumn<QByteArray>("port");
    QTest::addColumn<bool>("good");
    for (const char *const good : {"2-1", "1-1.4", "10-2.1.3.4"})
        QTest::newRow(good) << QByteArray(good) << true;
    for (const char *const bad : {"", "2", "2-", "-1", "2-1.", "2-.1", "2-1..2", "2-1-1", "1.2-1", "2-1:1.0", "*",
                                  "a-1", "2-1\n", "../2-1", "2-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"})
        QTest::newRow(bad) << QByteArray(bad) << false;
}

void TestValues::portId()
{
    QFETCH(QByteArray, port);
    QFETCH(bool, good);
    QCOMPARE(PortId::parse(QByteArrayView(port)).has_value(), good);
}

void TestValues::portsCountAsPeopleDo()
{
    QStringList sorted = {QStringLiteral("10-1"), QStringLiteral("1-10"), QStringLiteral("1-2.1"),
                          QStringLiteral("1-2"),  QStringLiteral("2-1"),  QStringLiteral("1-2.10")};
    std::sort(sorted.begin(), sorted.end(),
              [](const QString &a, const QString &b) { return *PortId::parse(a) < *PortId::parse(b); });
    QCOMPARE(sorted.join(u' '), QStringLiteral("1-2 1-2.1 1-2.10 1-10 2-1 10-1"));
    QVERIFY(*PortId::parse(QByteArrayView("1-2")) == *PortId::parse(QByteArrayView("1-2")));
}

void TestValues::deviceId()
{
    const auto id = DeviceId::parse("0951:1666:60A4:u080650u03**01");
    QVERIFY(id);
    QCOMPARE(id->vendor(), quint16(0x0951));
    QCOMPARE(id->product(), quint16(0x1666));
    QCOMPARE(id->untrustedSerial().toByteArray(), QByteArray("60A4"));
    QCOMPARE(id->interfaces().size(), 2);
    QVERIFY(id->isKnown());
    QCOMPARE(DeviceId::parse("1234:5678:a:b c'\\=:u080650")->untrustedSerial().toByteArray(), QByteArray("a:b c'\\="));
    QVERIFY(DeviceId::parse("046d:c52b::u030101")->untrustedSerial().isEmpty());
    QVERIFY(!DeviceId::parse("0000:0000::?******")->isKnown());
    QVERIFY(DeviceId::parse("0951:1666:" + QByteArray(4096, 'S') + ":u080650"));
}

void TestValues::deviceIdRefuses_data()
{
    QTest::addColumn<QByteArray>("id");
    for (const char *const bad :
         {"", "*", "0951:1666", "0951:1666:S1", "0951-1666:S1:u080650", "095g:1666:S1:u080650", "0951:1666:S1:u08065",
          "0951:1666:S1:x080650", "0951:1666:S1:u0806zz", "0951:1666:a\tb:u080650", "0951:1666:\xc3\xb6:u080650"})
        QTest::newRow(bad) << QByteArray(bad);
}

void TestValues::deviceIdRefuses()
{
    QFETCH(QByteArray, id);
    QVERIFY(!DeviceId::parse(id));
}

void TestValues::category_data()
{
    QTest::addColumn<QByteArray>("interfaces");
    QTest::addColumn<QString>("name");
    QTest::newRow("stick") << QByteArray("u080650") << QStringLiteral("storage");
    QTest::newRow("keyboard") << QByteArray("u030101") << QStringLiteral("keyboard");
    QTest::newRow("mouse") << QByteArray("u030102") << QStringLiteral("mouse");
    QTest::newRow("other input") << QByteArray("u030000") << QStringLiteral("input");
    QTest::newRow("webcam") << QByteArray("u0e0100u010100") << QStringLiteral("camera");
    QTest::newRow("still camera") << QByteArray("u060101") << QStringLiteral("camera");
    QTest::newRow("headset") << QByteArray("u010100") << QStringLiteral("audio");
    QTest::newRow("bluetooth, not network") << QByteArray("ue00101") << QStringLiteral("bluetooth");
    QTest::newRow("wireless") << QByteArray("ue00103") << QStringLiteral("network");
    QTest::newRow("ethernet") << QByteArray("u020600") << QStringLiteral("network");
    QTest::newRow("smart card") << QByteArray("u0b0000") << QStringLiteral("smartcard");
    QTest::newRow("vendor's own, then storage") << QByteArray("uffffffu080650") << QStringLiteral("storage");
    QTest::newRow("serial port") << QByteArray("u020201u0a0000") << QStringLiteral("serial");
    QTest::newRow("tethering phone") << QByteArray("ue00103u0a0000uff4201") << QStringLiteral("phone");
    QTest::newRow("any class") << QByteArray("u08****") << QStringLiteral("storage");
    QTest::newRow("any keyboard") << QByteArray("u03**01") << QStringLiteral("keyboard");
    QTest::newRow("unknown") << QByteArray("?******") << QStringLiteral("other");
    QTest::newRow("none") << QByteArray() << QStringLiteral("other");
}

void TestValues::category()
{
    QFETCH(QByteArray, interfaces);
    QFETCH(QString, name);
    QCOMPARE(categoryName(categoryOf(*Interface::parseList(QByteArrayView(interfaces)))), name);
}

void TestValues::inputDevices()
{
    const auto isInput = [](const char *interfaces, const char *product = "") {
        UsbDevice device{DeviceKey{*QubeName::parse(QByteArrayView("sys-usb")), *PortId::parse(QByteArrayView("2-1"))}};
        device.interfaces = *Interface::parseList(QByteArrayView(interfaces));
        device.product = PlainText::fromUntrusted(QByteArray(product));
        return device.isInput();
    };
    QVERIFY(isInput("u080650u030101")); // a stick that is a keyboard as well
    QVERIFY(isInput("u0b0000u030101")); // a security key that types
    QVERIFY(!isInput("u080650"));
    QVERIFY(isInput("u030000")); // a keyboard without the boot protocol, for all that we know
    QVERIFY(isInput("u030300"));
    QVERIFY(isInput("u030000", "Uninterruptible Power Supply")); // a name is easily had
    QVERIFY(isInput("u030000u0b0000"));                          // and so is another interface
    QVERIFY(!isInput("u010100u030000"));                         // the buttons of a headset
    QVERIFY(isInput("u010100u03****"));                          // who knows
    QVERIFY(isInput("u010100u030101"));
}

void TestValues::identity()
{
    const auto kingston = PlainText::fromUntrusted(QByteArray("Kingston"));
    UsbDevice device{DeviceKey{*QubeName::parse(QByteArrayView("sys-usb")), *PortId::parse(QByteArrayView("2-1"))}};
    device.manufacturer = kingston;
    UsbDevice twin = device;
    twin.key.port = *PortId::parse(QByteArrayView("2-2"));
    QCOMPARE(twin.identity(), device.identity());
    twin.serial = PlainText::fromUntrusted(QByteArray("2"));
    QVERIFY(twin.identity() != device.identity());
}

void TestValues::denyList()
{
    UsbDevice device{DeviceKey{*QubeName::parse(QByteArrayView("sys-usb")), *PortId::parse(QByteArrayView("2-1"))}};
    Qube qube{QubeListing{*QubeName::parse(QByteArrayView("work"))}};
    device.interfaces = *Interface::parseList("u080650u030101");
    QVERIFY(!deniedInterface(qube, device));
    qube.properties = QubeProperties{};
    QVERIFY(!deniedInterface(qube, device));
    qube.properties->denied = *Interface::parseList("u03****");
    QCOMPARE(deniedInterface(qube, device)->bytes(), QByteArray("u030101"));
    device.interfaces = *Interface::parseList("u080650");
    QVERIFY(!deniedInterface(qube, device));
    device.interfaces = *Interface::parseList("?******");
    QVERIFY(deniedInterface(qube, device));
}

QTEST_GUILESS_MAIN(TestValues)
#include "tst_values.moc"
