// SPDX-License-Identifier: GPL-2.0-or-later
// What devices and servers say reaches people as plain text, wherever it is shown: in the menu (drawn by Qt and by a
// panel), tooltips, the window, the log, questions, notifications, and over D-Bus. Runs on a bus of its own.
#include "fakenotifications.h"
#include "menureader.h"
#include "uistage.h"

#include "dbus/service.h"
#include "ui/appletwindow.h"
#include "ui/confirmation.h"
#include "ui/notifier.h"
#include "ui/qubechooser.h"
#include "ui/rulesdialog.h"
#include "ui/trayicon.h"
#include "ui/wording.h"

#include <QLabel>
#include <QListView>
#include <QSignalSpy>
#include <QTest>
#include <QTextDocument>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using testing::UiStage;

namespace {

constexpr qsizetype longest = 700; // a name, a place, a sentence of ours and a quoted message

/// Nothing in it acts on a screen or on the text around it.
bool isHarmless(const QString &text)
{
    const bool quiet = std::none_of(text.begin(), text.end(), [](QChar c) {
        return (c.category() == QChar::Other_Control && c != QLatin1Char('\n')) || c.category() == QChar::Other_Format;
    });
    return quiet && text.size() < longest;
}

/// What a QToolTip shows: it takes for markup whatever looks like some.
QString shownToolTip(const QString &text)
{
    if (!Qt::mightBeRichText(text))
        return text;
    QTextDocument document;
    document.setHtml(text);
    return document.toPlainText();
}

/// The applet with all that shows something.
class Everything : public UiStage
{
public:
    Everything()
        : server({QStringLiteral("actions"), QStringLiteral("body"), QStringLiteral("body-markup")})
        , client(QDBusConnection::sessionBus(), QStringLiteral("applet"))
        , notifier(&model, &operations, &settings, &client,
                   {std::chrono::milliseconds(20), std::chrono::milliseconds(200), std::chrono::milliseconds(5000)})
        , byQt(context(ui::DrawnBy::Qt))
        , byPanel(context(ui::DrawnBy::Panel))
        , log(&model)
        , window(&model, &operations, &icons, &settings, &log)
        , service(QDBusConnection::sessionBus(), &model, &operations, QStringLiteral("1"))
    {
        dom0.addUsual();
    }
    bool run() { return server.appear() && UiStage::run() && model.devices().size() == 2; }
    QListView *list() const { return window.findChild<QListView *>(QStringLiteral("devices")); }
    QStringList labels() const
    {
        QStringList texts;
        for (const QLabel *const label : window.findChildren<QLabel *>()) {
            if (label->isVisibleTo(&window))
                texts.append(label->text());
        }
        return texts;
    }

    testing::FakeNotifications server;
    dbus::NotificationClient client;
    ui::Notifier notifier;
    ui::AppletMenu byQt;
    ui::AppletMenu byPanel;
    ui::ActivityLog log;
    ui::AppletWindow window;
    dbus::Service service;
};

/// All texts of a menu and those below it, as they are shown.
QStringList allTexts(const QMenu *menu, ui::DrawnBy drawnBy)
{
    QStringList texts;
    for (const QAction *const action : menu->actions()) {
        texts.append(testing::shownText(action->text(), drawnBy));
        if (action->menu())
            texts += allTexts(action->menu(), drawnBy);
    }
    return texts;
}

bool contains(const QStringList &texts, const QString &part)
{
    return std::any_of(texts.begin(), texts.end(), [&](const QString &text) { return text.contains(part); });
}

} // namespace

class TestHostileText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void device_data() { texts(); }
    void device();
    void message_data() { texts(); }
    void message();

private:
    static void texts();
};

void TestHostileText::texts()
{
    QTest::addColumn<QByteArray>("raw");
    QTest::newRow("markup") << QByteArray("<b>bold</b><img src='http://evil/x'><a href=x>y</a>");
    QTest::newRow("document") << QByteArray("<qt><h1>big</h1>");
    QTest::newRow("entities") << QByteArray("&amp;&lt;b&gt;&#x202e;");
    QTest::newRow("quotes") << QByteArray("it's \"quoted\" `so`");
    QTest::newRow("places of arguments") << QByteArray("%1 %2 %n %s %L1 %%");
    QTest::newRow("access keys") << QByteArray("&File _Edit && __init__");
    QTest::newRow("shortcut") << QByteArray("Quit\tCtrl+Q");
    QTest::newRow("controls") << QByteArray("a\x1b[31mred\x07\x08\x7f");
    QTest::newRow("right to left") << QByteArray("a\xe2\x80\xae"
                                                 "fdp.exe\xe2\x81\xa6");
    QTest::newRow("zero width") << QByteArray("sys\xe2\x80\x8b-usb\xef\xbb\xbf");
    QTest::newRow("not ASCII") << QByteArray("Ger\xc3\xa4t \xe2\x86\x92 \xf0\x9f\x8e\xa7");
    QTest::newRow("not UTF-8") << QByteArray("\xff\xfe\xc3(\x80");
    QTest::newRow("like our own words") << QByteArray("Stick \xc2\xb7 2-1 \xe2\x86\x92 vault");
    QTest::newRow("long") << QByteArray(4096, 'S');
    QTest::newRow("long, of marks") << QByteArray("e") + QByteArray("\xcc\x81").repeated(2000);
}

/// A device that is called so, with that as its serial number.
void TestHostileText::device()
{
    QFETCH(QByteArray, raw);
    const QString name = PlainText::fromUntrusted("Vendor " + raw).toString();
    const QString serial = PlainText::fromUntrusted(raw).toString();
    QVERIFY(isHarmless(name) && isHarmless(serial));
    Everything all;
    QVERIFY(all.run());
    QVERIFY(all.service.publish());
    QSignalSpy added(&all.service, &dbus::Service::DeviceAdded);
    FakeDom0::Device device;
    // A server lets nothing but printable ASCII into an id (qubes/device_protocol.py), so only there it is replaced.
    QByteArray inId = raw;
    std::replace_if(
        inId.begin(), inId.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '_');
    device.id = "0951:1666:" + inId + ":u030101";
    device.vendor = "Vendor";
    device.product = raw;
    all.dom0.plug("sys-usb", "3-1", device);
    const DeviceKey key = Stage::device("sys-usb", "3-1");
    EVENTUALLY(all.model.device(key));
    QCOMPARE(all.model.devices().size(), 3); // it has cost no other row
    QCOMPARE(all.model.backendStatus(Stage::qube("sys-usb")).unreadableRows, 0);
    const Device *const row = all.model.device(key);
    const QString shownName = all.model.name(row->usb).toString();
    const QString shownSerial = row->usb.serial.toString();
    QVERIFY(shownName.contains(QStringLiteral("Vendor")) || raw.size() > 100);

    for (const auto &[menu, drawnBy] :
         {std::pair(all.byQt.menu(), ui::DrawnBy::Qt), std::pair(all.byPanel.menu(), ui::DrawnBy::Panel)}) {
        Q_EMIT menu->aboutToShow();
        QAction *const action = UiStage::find(menu, QStringLiteral("3-1"));
        QVERIFY(action);
        QCOMPARE(testing::shownText(action->text(), drawnBy),
                 ui::Wording::shortened(shownName) + QStringLiteral(" · 3-1 · new"));
        Q_EMIT action->menu()->aboutToShow();
        const QStringList texts = allTexts(menu, drawnBy);
        for (const QString &text : texts)
            QVERIFY2(isHarmless(text), qPrintable(text));
    }
    const DeviceChoice choice{key, row->usb.identity()};
    const ui::QubeChooser chooser(all.context(), choice);
    const ui::RulesDialog rules(all.context(), choice);
    for (const QWidget *const dialog : {static_cast<const QWidget *>(&chooser), static_cast<const QWidget *>(&rules)}) {
        int named = 0;
        for (const QLabel *const label : dialog->findChildren<QLabel *>()) {
            named += label->text().contains(shownName) ? 1 : 0;
            QVERIFY2(label->textFormat() == Qt::PlainText || !label->text().contains(shownName),
                     qPrintable(label->text()));
        }
        QCOMPARE(named, 1);
    }

    all.dom0.setAttached("sys-usb", "3-1", "work");
    EVENTUALLY(all.state("sys-usb", "3-1") == QStringLiteral("attached:work"));
    const QString ofIcon = ui::TrayIcon::toolTip(all.model);
    QVERIFY(isHarmless(ofIcon) && !Qt::mightBeRichText(ofIcon));
    QVERIFY(std::none_of(ofIcon.begin(), ofIcon.end(), [](QChar c) { return QStringLiteral("<>&").contains(c); }));

    all.window.open(ui::AppletWindow::Manner::Window);
    all.window.showDevice(key);
    const QModelIndex current = all.list()->currentIndex();
    QCOMPARE(current.data().toString(), shownName);
    QVERIFY(isHarmless(current.data(ui::DeviceRows::SecondLineRole).toString()));
    QVERIFY(shownToolTip(current.data(Qt::ToolTipRole).toString()).startsWith(shownName));
    QVERIFY(contains(all.labels(), shownSerial));
    for (const QLabel *const label : all.window.findChildren<QLabel *>())
        QVERIFY2(label->textFormat() == Qt::PlainText || !label->text().contains(shownName), qPrintable(label->text()));
    EVENTUALLY(all.log.rowCount() > 1);
    QVERIFY(all.log.index(0).data().toString().contains(shownName));

    const ui::Confirmation question(all.model, {control::Request::Kind::Attach, key, Stage::qube("work")},
                                    {control::Question::InputDevice});
    QCOMPARE(question.textFormat(), Qt::PlainText);
    QVERIFY(question.text().contains(shownName));

    EVENTUALLY(!all.server.shown.isEmpty() &&
               all.server.shown.constLast().summary == QStringLiteral("Attached to work"));
    for (const auto &one : std::as_const(all.server.shown)) {
        QVERIFY2(isHarmless(one.summary) && !one.summary.contains(QStringLiteral("Vendor")), qPrintable(one.summary));
        QTextDocument body;
        body.setHtml(one.body); // servers read a little markup there; all of it is to come out as text
        QVERIFY2(body.toPlainText().simplified().contains(shownName.simplified()), qPrintable(one.body));
        for (const QString &action : one.actions)
            QVERIFY(isHarmless(action));
    }

    QCOMPARE(added.size(), 1);
    const QVariantMap properties = added.constFirst().at(2).toMap();
    QVERIFY(properties.size() > 5);
    for (const QVariant &property : properties)
        QVERIFY(isHarmless(property.toString()));
    QCOMPARE(properties.value(QStringLiteral("Serial")).toString(), shownSerial);
    QDBusConnection::sessionBus().unregisterService(dbus::Service::name);
}

/// A failure for which the server gives that as its reason.
void TestHostileText::message()
{
    QFETCH(QByteArray, raw);
    const QString said = PlainText::fromUntrusted(raw, 500).toString();
    Everything all;
    QVERIFY(all.run());
    QVERIFY(all.service.publish());
    QSignalSpy failed(&all.service, &dbus::Service::OperationFailed);
    const DeviceKey key = Stage::device("sys-usb", "2-1");
    all.dom0.scriptReply("admin.vm.device.usb.Attach", FakeDom0::exception("QubesUSBException", raw));
    all.operations.perform({control::Request::Kind::Attach, key, Stage::qube("work")});
    EVENTUALLY(all.state("sys-usb", "2-1") == QStringLiteral("failed"));
    EVENTUALLY(failed.size() == 1);
    QVERIFY(failed.constFirst().at(4).toString().contains(said) && isHarmless(failed.constFirst().at(4).toString()));

    for (const auto &[menu, drawnBy] :
         {std::pair(all.byQt.menu(), ui::DrawnBy::Qt), std::pair(all.byPanel.menu(), ui::DrawnBy::Panel)}) {
        QAction *const action = UiStage::find(menu, QStringLiteral("2-1"));
        Q_EMIT action->menu()->aboutToShow();
        const QStringList texts = allTexts(action->menu(), drawnBy);
        QVERIFY(contains(texts, QStringLiteral("The two qubes could not hand over the device."))); // the rest is below
        for (const QString &text : texts)
            QVERIFY2(isHarmless(text), qPrintable(text));
    }

    all.window.open(ui::AppletWindow::Manner::Window);
    all.window.showDevice(key);
    QVERIFY(contains(all.labels(), said));
    for (const QLabel *const label : all.window.findChildren<QLabel *>())
        QVERIFY2(label->textFormat() == Qt::PlainText || !label->text().contains(said), qPrintable(label->text()));
    EVENTUALLY(all.log.index(0).data().toString().contains(said));

    EVENTUALLY(!all.server.shown.isEmpty());
    QCOMPARE(all.server.shown.constLast().summary, QStringLiteral("Could not attach to work"));
    QTextDocument body;
    body.setHtml(all.server.shown.constLast().body);
    QVERIFY2(body.toPlainText().simplified().contains(said.simplified()),
             qPrintable(all.server.shown.constLast().body));
    QDBusConnection::sessionBus().unregisterService(dbus::Service::name);
}

QTEST_MAIN(TestHostileText)
#include "tst_hostiletext.moc"
