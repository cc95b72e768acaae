// SPDX-License-Identifier: GPL-2.0-or-later
// What USB devices and backend qubes can put into the lists of devices. Each "trap" is a line that a plausible parser
// gets wrong; the texts are those of real servers.
#include "model/devicenaming.h"
#include "qubes/devicelines.h"
#include "qubes/pairs.h"

#include <QTest>

using namespace model;
using namespace qubes;

namespace {

QubeName qube(const char *name)
{
    return QubeName::parse(QByteArrayView(name)).value();
}

/// A line as the server makes it: raw head, then the pairs, only "'" escaped.
QByteArray line(const QByteArray &port, const QByteArray &id, const QList<std::pair<QByteArray, QByteArray>> &texts,
                const QByteArray &attachment = {})
{
    const auto quoted = [](QByteArray value) { return '\'' + value.replace("'", "\\'") + '\''; };
    QByteArray text = port + ':' + id + " device_id=" + quoted(id) + " port_id=" + quoted(port) +
                      " devclass='usb' backend_domain='sys-usb'";
    for (const auto &[key, value] : texts)
        text += ' ' + key + '=' + quoted(value);
    if (texts.isEmpty())
        text += ' '; // servers leave two blanks where no text is
    if (!attachment.isEmpty())
        text += " attachment=" + quoted(attachment);
    return text + " interfaces=" + quoted(id.mid(id.lastIndexOf(':') + 1)) + '\n';
}

const QByteArray plain = line("1-2", "0951:1666:S1:u080650", {{"vendor", "Kingston"}, {"product", "Stick"}});

} // namespace

class TestDeviceLines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void hostileText_data();
    void hostileText();
    void forgedPairsInTheHead();
    void aBackendSpeaksForItselfOnly();
    void badRowsCostOnlyThemselves_data();
    void badRowsCostOnlyThemselves();
    void attachment();
    void serialIsNotAName();
    void noTextAtAll();
    void unknownDevice();
    void longSerial();
    void legacy_data();
    void legacy();
    void legacyRowsThatAreNone();
    void legacyList();
    void attachedAndAssigned();
    void randomBytes();
};

void TestDeviceLines::hostileText_data()
{
    QTest::addColumn<QByteArray>("serial");
    for (const char *const text : {"a b c",
                                   "it's",
                                   "''",
                                   "'",
                                   "\\",
                                   "ends in backslash\\",
                                   "\\'",
                                   "\\\\'",
                                   "QUJD=",
                                   "==",
                                   "x product=",
                                   "x device_id=",
                                   "x attachment=",
                                   "' attachment=",
                                   "' product=",
                                   "' product='x",
                                   "x' vendor='EVIL' serial='",
                                   "a device_id='EVIL' port_id='2-1'",
                                   "a device_id='0951:1666:S:u080650' port_id='2-1'",
                                   "<b>&amp;</b>",
                                   "%s%n%1",
                                   "a+b/c?d",
                                   "_______",
                                   "attachment='dom0'",
                                   " attachment='dom0' interfaces='u030101'",
                                   "\\' interfaces=\\'",
                                   "k=v k='v",
                                   "=' '=",
                                   "u080650",
                                   ":",
                                   "::::"})
        QTest::newRow(text) << QByteArray(text);
}

/// Whatever the serial is: the row is there, it is the right one, it is free, and its neighbours are as they were.
void TestDeviceLines::hostileText()
{
    QFETCH(QByteArray, serial);
    const QByteArray id = "0951:1666:" + serial + ":u080650";
    for (const auto &order : {QList<QByteArray>{"vendor", "product", "serial", "name", "manufacturer"},
                              QList<QByteArray>{"serial", "manufacturer", "vendor", "name", "product"},
                              QList<QByteArray>{"manufacturer", "name", "product", "vendor", "serial"}}) {
        QList<std::pair<QByteArray, QByteArray>> texts;
        for (const QByteArray &key : order)
            texts.append({key, key == "vendor" ? QByteArray("Kingston") : serial});
        const auto list = parseDevices(qube("sys-usb"), plain + line("2-1", id, texts, "work") + plain.mid(0));
        QCOMPARE(list.unreadable, 0);
        QCOMPARE(list.devices.size(), 3);
        const UsbDevice &device = list.devices.at(1);
        QCOMPARE(device.key.port.toString(), QStringLiteral("2-1"));
        QCOMPARE(device.id->bytes(), id);
        QCOMPARE(device.vendor.toString(), QStringLiteral("Kingston"));
        QCOMPARE(device.serial, PlainText::fromUntrusted(serial));
        QCOMPARE(device.product, PlainText::fromUntrusted(serial));
        QCOMPARE(device.manufacturer, PlainText::fromUntrusted(serial));
        QCOMPARE(device.whereabouts.frontend->toString(), QStringLiteral("work"));
        QCOMPARE(device.category(), Category::Storage);
        QCOMPARE(list.devices.at(2).key.port.toString(), QStringLiteral("1-2"));
    }
}

void TestDeviceLines::forgedPairsInTheHead()
{
    // The head is not escaped: this serial puts a whole list of pairs before the true one.
    const QByteArray forged = "x device_id='0000:0000:F:u030101' port_id='9-9' devclass='usb' backend_domain='sys-usb'"
                              " attachment='dom0' interfaces='u030101'";
    const auto list = parseDevices(qube("sys-usb"), line("2-1", "0951:1666:" + forged + ":u080650", {}));
    QCOMPARE(list.devices.size(), 1);
    QCOMPARE(list.devices.front().key.port.toString(), QStringLiteral("2-1"));
    QVERIFY(!list.devices.front().whereabouts.frontend);
    QCOMPARE(list.devices.front().vidPid(), QStringLiteral("0951:1666"));
}

void TestDeviceLines::aBackendSpeaksForItselfOnly()
{
    const auto list = parseDevices(qube("sys-net"), plain);
    QCOMPARE(list.devices.size(), 0);
    QCOMPARE(list.unreadable, 1);
}

void TestDeviceLines::badRowsCostOnlyThemselves_data()
{
    QTest::addColumn<QByteArray>("bad");
    const QByteArray good = line("2-1", "0951:1666:S1:u080650", {{"vendor", "K"}}, "work");
    const auto with = [&](const char *from, const char *to) {
        QByteArray changed = good;
        return changed.replace(from, to);
    };
    QTest::newRow("nonsense") << QByteArray("hello world\n");
    QTest::newRow("cut off") << good.left(good.size() / 2) + '\n';
    QTest::newRow("no port") << with(" port_id='2-1'", "");
    QTest::newRow("port is no port") << with("2-1", "../..");
    QTest::newRow("head and port differ") << with(" port_id='2-1'", " port_id='2-2'");
    QTest::newRow("another class") << with("devclass='usb'", "devclass='block'");
    QTest::newRow("interfaces are none") << with("interfaces='u080650'", "interfaces='u0806'");
    QTest::newRow("no interfaces") << with(" interfaces='u080650'", "");
    QTest::newRow("attached to nonsense") << with("attachment='work'", "attachment='@adminvm'");
    QTest::newRow("attached twice") << with("attachment='work'", "attachment='work' attachment='vault'");
    QTest::newRow("NULs") << QByteArray("2-1\0\0\0\n", 7);
    QTest::newRow("high bytes") << QByteArray("\xff\xfe\xfd\n");
}

void TestDeviceLines::badRowsCostOnlyThemselves()
{
    QFETCH(QByteArray, bad);
    const auto list = parseDevices(qube("sys-usb"), plain + bad + plain);
    QCOMPARE(list.unreadable, 1);
    QCOMPARE(list.devices.size(), 2);
}

void TestDeviceLines::attachment()
{
    const auto free = parseDevices(qube("sys-usb"), plain).devices.front();
    QVERIFY(free.whereabouts.known);
    QVERIFY(!free.whereabouts.frontend);
    const auto used = parseDevices(qube("sys-usb"), line("2-1", "0951:1666:S1:u080650", {}, "work")).devices.front();
    QCOMPARE(used.whereabouts.frontend->toString(), QStringLiteral("work"));
}

void TestDeviceLines::serialIsNotAName()
{
    const auto list =
        parseDevices(qube("sys-usb"), line("2-1", "0951:1666:S1:u080650", {{"name", "S1"}, {"serial", "S1"}}));
    QVERIFY(deviceName(list.devices.front(), HardwareNames()).isEmpty());
}

void TestDeviceLines::noTextAtAll()
{
    const auto list = parseDevices(qube("sys-usb"), line("2-1", "0951:1666::u080650", {}));
    QCOMPARE(list.devices.size(), 1);
    QVERIFY(list.devices.front().vendor.isEmpty());
}

void TestDeviceLines::unknownDevice()
{
    const auto list = parseDevices(qube("sys-usb"), line("8-1", "0000:0000::?******", {{"vendor", "unknown"}}));
    QCOMPARE(list.devices.size(), 1);
    QVERIFY(!list.devices.front().hasIds());
    QVERIFY(list.devices.front().vendor.isEmpty());
    QCOMPARE(list.devices.front().category(), Category::Other);
}

void TestDeviceLines::longSerial()
{
    const QByteArray serial(4096, 'S');
    const auto list =
        parseDevices(qube("sys-usb"), line("2-1", "0951:1666:" + serial + ":u080650", {{"serial", serial}}));
    QCOMPARE(list.devices.size(), 1);
    QCOMPARE(list.devices.front().id->untrustedSerial().size(), 4096); // the wire needs all of it
    QVERIFY(list.devices.front().serial.toString().size() <= PlainText::defaultLimit);
}

void TestDeviceLines::legacy_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("ids");
    QTest::addColumn<QString>("at"); // "?": the list does not tell
    QTest::newRow("4.1") << QByteArray("2-1 description=Kingston_DataTraveler_3.0_60A4")
                         << QStringLiteral("Kingston DataTraveler 3.0 60A4") << QString() << QStringLiteral("?");
    QTest::newRow("4.2, attached") << QByteArray(
                                          "2-1 interfaces=?****** name=unknown attachment=work safe_chars=abc='(~ "
                                          "description=0951:1666_Kingston_DataTraveler")
                                   << QStringLiteral("Kingston DataTraveler") << QStringLiteral("0951:1666")
                                   << QStringLiteral("work");
    QTest::newRow("4.2, free") << QByteArray("2-1 attachment=None description=0951:1666 Kingston")
                               << QStringLiteral("Kingston") << QStringLiteral("0951:1666") << QString();
    QTest::newRow("udev's escapes") << QByteArray("2-1 description=A\\x20B\\x2fC\\xZZ") << QStringLiteral("A B/C\\xZZ")
                                    << QString() << QStringLiteral("?");
    QTest::newRow("escaped controls stay visible")
        << QByteArray("2-1 description=A\\x1bB") << QStringLiteral("A\u241bB") << QString() << QStringLiteral("?");
    QTest::newRow("text that looks like options")
        << QByteArray("2-1 attachment=None description=x attachment=dom0 description=y")
        << QStringLiteral("x attachment=dom0 description=y") << QString() << QString();
    QTest::newRow("empty text") << QByteArray("2-1 description=") << QString() << QString() << QStringLiteral("?");
}

void TestDeviceLines::legacy()
{
    QFETCH(QByteArray, row);
    QFETCH(QString, text);
    QFETCH(QString, ids);
    QFETCH(QString, at);
    const auto list = parseLegacyDevices(qube("sys-usb"), row + '\n');
    QCOMPARE(list.devices.size(), 1);
    const UsbDevice &device = list.devices.front();
    QCOMPARE(device.text.toString(), text);
    QCOMPARE(device.vidPid(), ids);
    QCOMPARE(device.whereabouts.known, at != QStringLiteral("?"));
    if (device.whereabouts.known)
        QCOMPARE(device.whereabouts.frontend ? device.whereabouts.frontend->toString() : QString(), at);
}

void TestDeviceLines::legacyRowsThatAreNone()
{
    const auto list = parseLegacyDevices(
        qube("sys-usb"), "2-1 nothing=here\nx description=a\n2-2 attachment=@x description=a\n2-3 description=ok\n");
    QCOMPARE(list.unreadable, 3);
    QCOMPARE(list.devices.size(), 1);
}

void TestDeviceLines::legacyList()
{
    const auto lists = parseLegacyList(qube("work"), "sys-usb+2-1 persistent=no\n"
                                                     "sys-usb+2-2 identity=0000:0000::'?''*' persistent=yes\n"
                                                     "nonsense\nsys-usb+evil persistent=no\n+2-1 persistent=no\n");
    QCOMPARE(lists.attached.size(), 2);
    QVERIFY(!lists.attached.at(0).maybeOnlyRemembered);
    QVERIFY(lists.attached.at(1).maybeOnlyRemembered);
    QCOMPARE(lists.assigned.size(), 1);
    QCOMPARE(lists.assigned.front().mode, AssignMode::Persistent);
}

void TestDeviceLines::attachedAndAssigned()
{
    const QByteArray rows =
        "sys-usb+2-1:0951:1666:S1:u080650 device_id='0951:1666:S1:u080650' port_id='2-1' devclass='usb' "
        "backend_domain='sys-usb' mode='manual' frontend_domain='work'\n"
        "sys-net+2-1:0951:1666:S 2:u080650 device_id='0951:1666:S 2:u080650' port_id='2-1' devclass='usb' "
        "backend_domain='sys-net' mode='manual' frontend_domain='work'\n"
        "sys-usb+x nonsense\n";
    const auto attached = parseAttached(rows);
    QCOMPARE(attached.size(), 2);
    QCOMPARE(attached.at(1).device.backend.toString(), QStringLiteral("sys-net"));

    const auto assigned = parseAssigned(
        qube("personal"),
        "sys-usb+*:04f2:b604:0001:u0e0100 device_id='04f2:b604:0001:u0e0100' port_id='*' devclass='usb' "
        "backend_domain='sys-usb' mode='ask-to-attach' frontend_domain='personal'\n"
        "sys-usb+2-1:* device_id='*' port_id='2-1' devclass='usb' backend_domain='sys-usb' mode='auto-attach' "
        "frontend_domain='personal' _opt='x'\n"
        "sys-usb+2-1:* device_id='*' port_id='2-1' devclass='usb' backend_domain='sys-usb' mode='nonsense' "
        "frontend_domain='personal'\n"
        "sys-usb+..:* device_id='*' port_id='..' devclass='usb' backend_domain='sys-usb' mode='auto-attach' "
        "frontend_domain='personal'\n");
    QCOMPARE(assigned.size(), 2);
    QVERIFY(!assigned.at(0).port);
    QCOMPARE(assigned.at(0).mode, AssignMode::Ask);
    QVERIFY(!assigned.at(1).device);
    QCOMPARE(assigned.at(1).mode, AssignMode::Automatic);
}

/// Mutations of a good line never crash, and never make a row of another backend or with an id that is none.
void TestDeviceLines::randomBytes()
{
    quint32 seed = 20240101;
    const auto random = [&seed](quint32 below) {
        seed = seed * 1664525 + 1013904223;
        return (seed >> 8) % below;
    };
    const QByteArray good = line("2-1", "0951:1666:it's \\ =:u080650", {{"vendor", "a='b"}, {"serial", "x="}}, "work");
    const QByteArray alphabet = "='\\ :u*+-_\n\0ab09";
    for (int round = 0; round < 20000; ++round) {
        QByteArray bytes = good;
        for (quint32 i = random(6); i > 0; --i)
            bytes[static_cast<qsizetype>(random(static_cast<quint32>(bytes.size())))] =
                alphabet.at(static_cast<qsizetype>(random(static_cast<quint32>(alphabet.size()))));
        for (const UsbDevice &device : parseDevices(qube("sys-usb"), bytes).devices) {
            QCOMPARE(device.key.backend.toString(), QStringLiteral("sys-usb"));
            QVERIFY(bytes.contains(device.id->bytes().left(9)));
        }
        parseLegacyDevices(qube("sys-usb"), bytes);
        parseAttached(bytes);
        parseAssigned(qube("work"), bytes);
        parseLegacyList(qube("work"), bytes);
    }
}

QTEST_GUILESS_MAIN(TestDeviceLines)
#include "tst_devicelines.moc"
