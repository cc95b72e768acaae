// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakedom0.h"

#include "qubes/deviceargument.h"
#include "qubes/event.h"
#include "qubes/qubelines.h"
#include "qubes/reply.h"
#include "qubes/request.h"

#include <QTest>

using namespace model;
using namespace qubes;
using testing::FakeDom0;

namespace {

QubeName qube(const char *name)
{
    return QubeName::parse(QByteArrayView(name)).value();
}

UsbDevice device(const QByteArray &id)
{
    UsbDevice usb{DeviceKey{qube("sys-usb"), PortId::parse(QByteArrayView("2-1")).value()}};
    usb.id = DeviceId::parse(id);
    return usb;
}

QByteArray bytes(const char *text, qsizetype size)
{
    return QByteArray(text, size);
}

} // namespace

class TestWire : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void request();
    void requestThatCannotBeSaid();
    void reply_data();
    void reply();
    void replyTextIsNotAFormat();
    void qubeList();
    void properties();
    void property();
    void feature();
    void labelColor();
    void attachArgument_data();
    void attachArgument();
    void assignmentArgument();
    void events();
    void eventsInPieces();
    void eventStreamThatIsNone_data();
    void eventStreamThatIsNone();
    void hints_data();
    void hints();
};

void TestWire::request()
{
    QCOMPARE(encodeForSocket(Request{"admin.vm.List"}).value(), bytes("admin.vm.List+ dom0 name dom0\0", 30));
    QCOMPARE(encodeForSocket(Request{"a.b", "x+y", qube("work"), bytes("p\0q", 3)}).value(),
             bytes("a.b+x+y dom0 name work\0p\0q", 26));
    QCOMPARE(encodeForQrexec(Request{"a.b", "x+y"}).value(), QByteArray("a.b+x+y"));
    const qsizetype header = 23;
    QVERIFY(encodeForSocket(Request{"a.b", "x+y", qube("work"), QByteArray(65536 - header, 'p')}));
    QVERIFY(!encodeForSocket(Request{"a.b", "x+y", qube("work"), QByteArray(65537 - header, 'p')}));
}

void TestWire::requestThatCannotBeSaid()
{
    for (const QByteArray &argument : {QByteArray("a b"), bytes("a\0b", 3), QByteArray("a\nb"), QByteArray("\xc3\xb6")})
        QVERIFY(!encodeForSocket(Request{"m", argument}));
    // Over qrexec these would become '_' without a word.
    for (const char *const argument : {"a:b", "a/b", "a*b", "a'b", "a?b", "a b"})
        QVERIFY(!encodeForQrexec(Request{"m", argument}));
    QVERIFY(!encodeForQrexec(Request{"m", QByteArray(65000, 'a')}));
}

void TestWire::reply_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason"); // empty: a content
    QTest::addColumn<QString>("said");
    const auto exception = [](const char *name, const char *message) {
        return bytes("2\0", 2) + name + '\0' + '\0' + message + '\0';
    };
    const QString none;
    QTest::newRow("content") << bytes("0\0abc", 5) << QByteArray("abc") << none << none;
    QTest::newRow("empty content") << bytes("0\0", 2) << QByteArray("") << none << none;
    QTest::newRow("content with NULs") << bytes("0\0a\0b", 5) << bytes("a\0b", 3) << none << none;
    QTest::newRow("nothing") << QByteArray() << QByteArray() << QStringLiteral("NoAnswer") << none;
    QTest::newRow("half a code") << QByteArray("0") << QByteArray() << QStringLiteral("Garbled") << none;
    QTest::newRow("another code") << bytes("3\0x", 3) << QByteArray() << QStringLiteral("Garbled") << none;
    QTest::newRow("exception cut off") << bytes("2\0QubesVMError\0", 15) << QByteArray() << QStringLiteral("Garbled")
                                       << none;
    QTest::newRow("event in place of a reply")
        << bytes("1\0a\0b\0\0", 7) << QByteArray() << QStringLiteral("Garbled") << none;
    const auto row = [&](const char *name, const char *message, const char *reason, const char *said) {
        QTest::newRow(name) << exception(name, message) << QByteArray() << QString::fromLatin1(reason)
                            << QString::fromUtf8(said);
    };
    row("QubesVMNotFoundError", "No such domain: 'x'", "NoSuchQube", "No such domain: 'x'");
    row("DeviceAlreadyAttached", "'Device sys-usb:2-1 already attached to work'", "AlreadyAttached",
        "Device sys-usb:2-1 already attached to work");
    row("DeviceNotAssigned", "\"it's \\\\ \\n here\"", "NotAssigned", "it's \\ here");
    row("DeviceNotAttached", "'device 2-1 of class usb not attached to work'", "NotAttached",
        "device 2-1 of class usb not attached to work");
    row("QubesVMNotRunningError", "Domain 'x' is paused", "QubePaused", "Domain 'x' is paused");
    row("USBProxyNotInstalled", "qubes-usb-proxy not installed in the VM", "ProxyMissing",
        "qubes-usb-proxy not installed in the VM");
    row("QubesUSBException", "Device attach failed:  a_b", "AttachFailed", "Device attach failed: a_b");
    row("PermissionDenied", "Device exposes a banned interface: SCSI", "DeniedInterface",
        "Device exposes a banned interface: SCSI");
    row("ProtocolError", "Cannot attach ambiguous usb device.", "NoSuchDevice", "Cannot attach ambiguous usb device.");
    row("SomethingNew", "100% <b>bold</b>", "Other", "100% <b>bold</b>");
    row("QubesException", "qubesd shutdown in progress", "Other", "qubesd shutdown in progress");
    row("QubesVMNotHaltedError", "Can not remove a persistent attachment from a non halted vm", "RequiredAssignment",
        "Can not remove a persistent attachment from a non halted vm");
    QTest::newRow("required")
        << exception("QubesVMNotHaltedError", "Can not detach a required device from a non halted qube. You need to "
                                              "unassign device first.")
        << QByteArray() << QStringLiteral("RequiredAssignment")
        << QStringLiteral(
               "Can not detach a required device from a non halted qube. You need to unassign device first.");
    QTest::newRow("traceback and fields are left out")
        << bytes("2\0QubesVMError\0Traceback (most recent call last):\n\0m %s\0field\0", 61) << QByteArray()
        << QStringLiteral("Other") << QStringLiteral("m %s");
}

void TestWire::reply()
{
    QFETCH(QByteArray, reply);
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QFETCH(QString, said);
    const auto result = parseReply(reply);
    QCOMPARE(bool(result), reason.isEmpty());
    if (result) {
        QCOMPARE(*result, content);
        return;
    }
    QCOMPARE(QString::fromLatin1(reasonName(result.error().reason)), reason);
    QCOMPARE(result.error().said.toString(), said);
}

void TestWire::replyTextIsNotAFormat()
{
    const auto result = parseReply(bytes("2\0E\0\0%n%s%1\x1b[2J\0", 17));
    QCOMPARE(result.error().said.toString(), QStringLiteral("%n%s%1\u241b[2J"));
}

void TestWire::qubeList()
{
    const auto modern =
        parseQubeList("dom0 class=AdminVM state=Running uuid=0\nwork class=AppVM state=Halted uuid=1\n"
                      "new state=Strange class=OtherVM future=x uuid=2\n-bad class=AppVM state=Running\n"
                      "rubbish\nhalf class=AppVM\n\n");
    QCOMPARE(modern.generation, Generation::Modern);
    QCOMPARE(modern.qubes.size(), 3);
    QCOMPARE(modern.qubes.at(0).qubeClass, QubeClass::Admin);
    QCOMPARE(modern.qubes.at(1).state, PowerState::Halted);
    QCOMPARE(modern.qubes.at(2).state, PowerState::Unknown);
    QCOMPARE(modern.qubes.at(2).qubeClass, QubeClass::Other);
    QCOMPARE(parseQubeList("dom0 class=AdminVM state=Running\n").generation, Generation::Legacy);
}

void TestWire::properties()
{
    const auto properties =
        parseProperties("label default=False type=label red\nicon default=True type=str servicevm-red\n"
                        "template_for_dispvms default=False type=bool True\n"
                        "auto_cleanup default=True type=bool False\n"
                        "is_preload default=True type=bool True\nnetvm default=True type=vm \n"
                        "devices_denied default=False type=str u03****u080650\n"
                        "kernelopts default=True type=str a\\nlabel default=False type=label blue\n"
                        "nonsense\n");
    QCOMPARE(properties.label->toString(), QStringLiteral("red"));
    QCOMPARE(properties.icon.toString(), QStringLiteral("servicevm-red"));
    QVERIFY(properties.disposableTemplate);
    QVERIFY(!properties.autoCleanup);
    QVERIFY(properties.preloaded);
    QCOMPARE(properties.denied.size(), 2);
    // A list that cannot be read denies everything, not nothing.
    const QList<Interface> all = parseProperties("devices_denied default=False type=str u03*\n").denied;
    QVERIFY(all.size() == 1 && all.front().covers(*Interface::parse("u080650")));
    QVERIFY(parseProperties("devices_denied default=True type=str \n").denied.isEmpty());
    // Of other buses nothing is said here, and "any bus" is ours, too.
    QVERIFY(parseProperties("devices_denied default=False type=str b******m020000p0c03**\n").denied.isEmpty());
    QCOMPARE(parseProperties("devices_denied default=False type=str b*******03****u08****\n").denied,
             (QList<Interface>{*Interface::parse("u03****"), *Interface::parse("u08****")}));
    QCOMPARE(parseProperties("devices_denied default=False type=str u03****x******\n").denied, all);
    // Icon names are looked up in the file system: no paths.
    QVERIFY(parseProperties("icon default=True type=str ../../etc/x\n").icon.isEmpty());
}

void TestWire::property()
{
    QCOMPARE(parseProperty("default=False type=label blue").value(), QByteArray("blue"));
    QCOMPARE(parseProperty("default=True type=vm ").value(), QByteArray());
    QCOMPARE(parseProperty("default=True type=str a b  c").value(), QByteArray("a b  c"));
    QVERIFY(!parseProperty("default=True"));
    QVERIFY(!parseProperty(""));
}

/// An empty value is false; any other is true, whatever it says.
void TestWire::feature()
{
    QVERIFY(!parseFeature(""));
    QVERIFY(parseFeature("1"));
    QVERIFY(parseFeature("0"));
    QVERIFY(parseFeature("False"));
}

void TestWire::labelColor()
{
    QCOMPARE(parseLabelColor("0x3465a4").value(), quint32(0x3465a4));
    QVERIFY(!parseLabelColor("3465a4"));
    QVERIFY(!parseLabelColor("0x3465a4ff"));
    QVERIFY(!parseLabelColor("0xgggggg"));
}

void TestWire::attachArgument_data()
{
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<QByteArray>("argument");
    QTest::newRow("usual") << QByteArray("0951:1666:S1:u080650") << QByteArray("sys-usb+2-1+0951+1666+S1+u080650");
    QTest::newRow("no serial") << QByteArray("046d:c52b::u030101") << QByteArray("sys-usb+2-1+046d+c52b++u030101");
    QTest::newRow("nobody knows") << QByteArray("0000:0000::?******") << QByteArray("sys-usb+2-1+0000+0000++_______");
    // What the framing, qrexec or the server's way back would change is pinned by the payload alone.
    for (const char *const serial : {"a b", "a+b", "QUJD=", "a/b", "it's", "a?b", "a*b", "x_______y", "a\\b", "<b>"})
        QTest::newRow(serial) << QByteArray("0951:1666:") + serial + ":u080650" << QByteArray("sys-usb+2-1+_");
}

void TestWire::attachArgument()
{
    QFETCH(QByteArray, id);
    QFETCH(QByteArray, argument);
    const DeviceArgument named = qubes::attachArgument(qube("work"), device(id));
    QCOMPARE(named.argument, argument);
    QByteArray escaped = id;
    escaped.replace("'", "\\'");
    QCOMPARE(named.payload, "device_id='" + escaped +
                                "' port_id='2-1' devclass='usb' backend_domain='sys-usb' "
                                "mode='manual' frontend_domain='work'");
    QVERIFY(encodeForQrexec(Request{"admin.vm.device.usb.Attach", named.argument, qube("work"), named.payload}));
    QVERIFY(encodeForSocket(Request{"admin.vm.device.usb.Attach", named.argument, qube("work"), named.payload}));
}

void TestWire::assignmentArgument()
{
    Assignment rule{qube("work"), qube("sys-usb"), PortId::parse(QByteArrayView("2-1")), {}, AssignMode::Automatic};
    QCOMPARE(qubes::assignmentArgument(rule).value(), QByteArray("sys-usb+2-1+_"));
    QCOMPARE(assignmentPayload(rule), QByteArray("device_id='*' port_id='2-1' devclass='usb' backend_domain='sys-usb' "
                                                 "mode='auto-attach' frontend_domain='work'"));
    rule.device = DeviceId::parse("0951:1666:S1:u080650");
    rule.port.reset();
    rule.mode = AssignMode::Ask;
    QCOMPARE(qubes::assignmentArgument(rule).value(), QByteArray("sys-usb+_+0951+1666+S1+u080650"));
    QCOMPARE(assignmentPayload(rule),
             QByteArray("device_id='0951:1666:S1:u080650' port_id='*' devclass='usb' "
                        "backend_domain='sys-usb' mode='ask-to-attach' frontend_domain='work'"));
    rule.device = DeviceId::parse("0951:1666:a b:u080650");
    QVERIFY(!qubes::assignmentArgument(rule)); // there is no other way to say which rule is meant
    QVERIFY(!modeWord(AssignMode::Required));
}

void TestWire::events()
{
    EventParser parser;
    QList<Event> events;
    QVERIFY(parser.feed(FakeDom0::event({}, "connection-established"), events));
    QVERIFY(parser.feed(FakeDom0::event("work", "device-attach:usb", {{"device", "sys-usb:2-1:x"}, {"options", ""}}),
                        events));
    QCOMPARE(events.size(), 2);
    QVERIFY(isConnectionEstablished(events.at(0)));
    QVERIFY(!isConnectionEstablished(events.at(1)));
    QCOMPARE(events.at(1).field("device"), QByteArray("sys-usb:2-1:x"));
    QCOMPARE(events.at(1).field("options"), QByteArray());
    QVERIFY(!parser.isInsideEvent());
}

void TestWire::eventsInPieces()
{
    const QByteArray stream =
        FakeDom0::event({}, "connection-established") + bytes("1\0a\0x\0k\0\0\0", 10) + bytes("1\0b\0y\0\0", 7);
    for (qsizetype step = 1; step < stream.size(); ++step) {
        EventParser parser;
        QList<Event> events;
        for (qsizetype at = 0; at < stream.size(); at += step)
            QVERIFY(parser.feed(QByteArrayView(stream).sliced(at, std::min(step, stream.size() - at)), events));
        QCOMPARE(events.size(), 3);
        QCOMPARE(events.at(2).untrustedSubject, QByteArray("b"));
        QVERIFY(!parser.isInsideEvent());
    }
}

void TestWire::eventStreamThatIsNone_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::newRow("exception") << bytes("2\0PermissionDenied\0\0no\0", 23);
    QTest::newRow("text") << QByteArray("hello");
    QTest::newRow("rubbish after an event") << bytes("1\0a\0b\0\0x", 8);
    QTest::newRow("without an end") << bytes("1\0a\0", 4) + QByteArray(EventParser::maxEvent, 'x');
}

void TestWire::eventStreamThatIsNone()
{
    QFETCH(QByteArray, stream);
    EventParser parser;
    QList<Event> events;
    QVERIFY(!parser.feed(stream, events));
}

void TestWire::hints_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<int>("about"); // -1: none
    QTest::addColumn<QString>("backend");
    const auto row = [](const char *name, int about, const char *key = "", const char *backend = "") {
        QTest::newRow(name) << QByteArray(name) << QByteArray(key) << about << QString::fromLatin1(backend);
    };
    using About = Hint::About;
    row("device-list-change:usb", int(About::Devices));
    row("device-added:usb", int(About::Devices));
    row("device-removed:usb", int(About::Devices));
    row("domain-qdb-change:/qubes-usb-devices", int(About::Devices));
    row("device-attach:usb", int(About::Attachments), "device", "sys-usb");
    row("device-detach:usb", int(About::Attachments), "port", "sys-usb");
    row("device-assign:usb", int(About::Assignments), "device");
    row("device-assignment-changed:usb", int(About::Assignments), "device");
    row("domain-start", int(About::Qubes));
    row("domain-shutdown", int(About::Qubes));
    row("domain-paused", int(About::Qubes));
    row("property-set:label", int(About::Properties));
    row("property-reset:is_preload", int(About::Properties));
    row("property-reset:devices_denied", int(About::Properties));
    row("domain-feature-set:internal", int(About::Internal));
    row("domain-feature-delete:internal", int(About::Internal));
    row("device-added:block", -1);
    row("device-attach:pci", int(About::Properties)); // after which USB controllers are asked for
    row("device-attach:block", -1);
    row("domain-qdb-create", -1);
    row("property-set:netvm", -1);
    row("property-reset:xid", -1);
    row("", -1);
}

void TestWire::hints()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, key);
    QFETCH(int, about);
    QFETCH(QString, backend);
    const Event event{"work", name, {{key, "sys-usb:2-1:0951:1666:S1:u080650"}}};
    const QList<Hint> found = hintsOf(event);
    QCOMPARE(found.size(), about < 0 ? 0 : 1);
    if (about < 0)
        return;
    QCOMPARE(int(found.front().about), about);
    QCOMPARE(found.front().qube->toString(), QStringLiteral("work"));
    QCOMPARE(found.front().backend ? found.front().backend->toString() : QString(), backend);
    QVERIFY(hintsOf(Event{"not a qube!", name, {}}).isEmpty());
}

QTEST_GUILESS_MAIN(TestWire)
#include "tst_wire.moc"
