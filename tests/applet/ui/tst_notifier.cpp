// SPDX-License-Identifier: GPL-2.0-or-later
// What is told by notifications, when, and what their buttons do. Runs on a bus of its own (see CMakeLists.txt).
#include "fakenotifications.h"
#include "uistage.h"

#include "ui/notifier.h"

#include <QSignalSpy>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::FakeNotifications;
using testing::Stage;
using testing::UiStage;
using Notice = memory::Settings::Notice;

namespace {

const QByteArray attachCall = "admin.vm.device.usb.Attach";
const QStringList capabilities = {QStringLiteral("actions"), QStringLiteral("body"), QStringLiteral("body-markup")};

/// `restart` is longer than what a test does meanwhile, where it does something.
ui::Notifier::Timing quick(std::chrono::milliseconds restart)
{
    using std::chrono::milliseconds;
    return {milliseconds(60), milliseconds(600), milliseconds(100), restart};
}

/// The applet with its notifications and the desktop that shows them.
class Desktop : public UiStage
{
public:
    explicit Desktop(std::chrono::milliseconds restart = std::chrono::milliseconds(200))
        : server(capabilities)
        , client(QDBusConnection::sessionBus(), QStringLiteral("applet"))
        , notifier(&model, &operations, &settings, &client, quick(restart))
    {
        dom0.addUsual();
    }
    bool run() { return server.appear() && UiStage::run(); }
    const FakeNotifications::Shown &last() const { return server.shown.constLast(); }
    bool lastSays(const QString &summary) const { return !server.shown.isEmpty() && last().summary == summary; }
    bool hasSaid(const QString &summary) const
    {
        return std::any_of(server.shown.begin(), server.shown.end(),
                           [&](const auto &shown) { return shown.summary == summary; });
    }
    bool offers(const QString &key) const { return last().actions.contains(key); }
    void click(const QString &key) { Q_EMIT server.ActionInvoked(last().id, key); }

    FakeNotifications server;
    dbus::NotificationClient client;
    ui::Notifier notifier;
};

} // namespace

class TestNotifier : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void nothingAtStart();
    void pluggedInThenAttachedByButton();
    void detachByButton();
    void buttonOfADeviceThatIsGone();
    void chooseOpensTheChooser();
    void attachingIsNotAttached();
    void attachedIsToldWithTheAnswer();
    void whatIsCancelledIsNotToldAsGoingOn();
    void quickOnesAreToldOnce();
    void failedThenRetried();
    void moveTellsWhereItArrived();
    void moveThatIsGivenBackTellsBoth();
    void removedWhileAttached();
    void restartsItself();
    void backendIsShutDown();
    void cameAndWent();
    void burstBecomesOne();
    void eachKindCanBeSwitchedOff();
    void hostileText();
    void noDaemon();
    void connectionLost();
    void inputDeviceIsNotHandedOverByOneClick();
};

void TestNotifier::nothingAtStart()
{
    Desktop desktop;
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(desktop.run());
    desktop.dom0.plug("sys-usb", "3-1", FakeDom0::Device{});
    EVENTUALLY(!desktop.server.shown.isEmpty());
    QCOMPARE(desktop.server.shown.size(), 1); // the new one; what was there is no news
    QCOMPARE(desktop.last().summary, QStringLiteral("USB storage plugged in"));
    QVERIFY(desktop.last().body.contains(QStringLiteral("sys-usb:3-1")));
}

void TestNotifier::pluggedInThenAttachedByButton()
{
    Desktop desktop;
    FakeDom0::Device device;
    device.id = "1111:2222:X:u080650";
    QVERIFY(desktop.run());
    desktop.dom0.plug("sys-usb", "3-1", device);
    EVENTUALLY(desktop.lastSays(QStringLiteral("USB storage plugged in")));
    QVERIFY(!desktop.offers(QStringLiteral("attach"))); // nobody knows where to
    QVERIFY(desktop.offers(QStringLiteral("choose")));
    desktop.settings.setLastQube(desktop.row("sys-usb", "3-1")->usb, Stage::qube("work"));
    desktop.dom0.unplug("sys-usb", "3-1");
    EVENTUALLY(!desktop.row("sys-usb", "3-1"));
    desktop.dom0.plug("sys-usb", "4-1", device); // known again by what it is, at another port
    EVENTUALLY(desktop.server.shown.size() == 2 && desktop.offers(QStringLiteral("attach")));
    QVERIFY(desktop.offers(QStringLiteral("Attach to work")));
    const uint id = desktop.last().id;
    desktop.click(QStringLiteral("attach"));
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
    QCOMPARE(desktop.last().replaces, id);
    QCOMPARE(desktop.state("sys-usb", "4-1"), QStringLiteral("attached:work"));
}

void TestNotifier::detachByButton()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.dom0.setAttached("sys-usb", "2-1", "work"); // by somebody else
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
    bool isShown = false;
    connect(&desktop.notifier, &ui::Notifier::showRequested, this, [&isShown] { isShown = true; });
    desktop.click(QStringLiteral("inline-reply")); // no button of ours
    desktop.click(QStringLiteral("default"));      // comes after it
    EVENTUALLY(isShown);
    QVERIFY(desktop.model.activeJobs().isEmpty());
    desktop.click(QStringLiteral("detach"));
    EVENTUALLY(desktop.lastSays(QStringLiteral("Detached from work")));
    QCOMPARE(desktop.state("sys-usb", "2-1"), QStringLiteral("free"));
}

void TestNotifier::buttonOfADeviceThatIsGone()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
    const uint old = desktop.last().id;
    desktop.dom0.plug("sys-usb", "2-1", {"dead:beef:EVIL:u080650", "Evil", "Disk", "Evil", {}});
    EVENTUALLY(desktop.lastSays(QStringLiteral("USB storage plugged in")));
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
    QVERIFY(desktop.last().id != old);
    bool isShown = false;
    connect(&desktop.notifier, &ui::Notifier::showRequested, this, [&isShown] { isShown = true; });
    Q_EMIT desktop.server.ActionInvoked(old, QStringLiteral("detach"));
    desktop.click(QStringLiteral("default")); // comes after it
    EVENTUALLY(isShown);
    QCOMPARE(desktop.model.activeJobs().size(), 0);
    QCOMPARE(desktop.state("sys-usb", "2-1"), QStringLiteral("attached:work"));
}

void TestNotifier::chooseOpensTheChooser()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    std::optional<DeviceKey> shown;
    std::optional<DeviceChoice> chosen;
    connect(&desktop.notifier, &ui::Notifier::showRequested, this,
            [&](const std::optional<DeviceKey> &key) { shown = key; });
    connect(&desktop.notifier, &ui::Notifier::chooserRequested, this,
            [&](const DeviceChoice &choice) { chosen = choice; });
    desktop.dom0.plug("sys-usb", "3-1", FakeDom0::Device{});
    EVENTUALLY(desktop.lastSays(QStringLiteral("USB storage plugged in")));
    desktop.click(QStringLiteral("choose"));
    EVENTUALLY(chosen && chosen->key == Stage::device("sys-usb", "3-1"));
    QVERIFY(chosen->seen == desktop.row("sys-usb", "3-1")->usb.identity());
    QVERIFY(!shown);
    desktop.click(QStringLiteral("default"));
    EVENTUALLY(shown == Stage::device("sys-usb", "3-1"));
}

void TestNotifier::attachingIsNotAttached()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.dom0.hold(attachCall);
    desktop.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attaching to work…")));
    const uint id = desktop.last().id;
    QVERIFY(!desktop.offers(QStringLiteral("detach")));
    desktop.dom0.release(attachCall);
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
    QCOMPARE(desktop.last().replaces, id);
}

/// The backend's list has the device at the qube before the call is answered, as qubes.USB publishes it first.
void TestNotifier::attachedIsToldWithTheAnswer()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    const auto toldAttached = [&] {
        return std::any_of(desktop.server.shown.begin(), desktop.server.shown.end(),
                           [](const auto &one) { return one.summary.startsWith(QStringLiteral("Attached")); });
    };
    const control::Request request{control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"),
                                   Stage::qube("work")};
    desktop.dom0.hold(attachCall);
    desktop.operations.perform(request);
    EVENTUALLY(desktop.dom0.heldCalls(attachCall) == 1);
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(desktop.row("sys-usb", "2-1")->attachedTo);
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attaching to work…")));
    QVERIFY(!toldAttached());
    desktop.dom0.setAttached("sys-usb", "2-1", {});
    desktop.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "no port"));
    desktop.dom0.release(attachCall);
    EVENTUALLY(desktop.lastSays(QStringLiteral("Could not attach to work")));
    QVERIFY(!toldAttached());

    desktop.dom0.hold(attachCall);
    desktop.operations.perform(request);
    EVENTUALLY(desktop.dom0.heldCalls(attachCall) == 1);
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attaching to work…")));
    desktop.dom0.scriptReply(attachCall, FakeDom0::ok());
    desktop.dom0.release(attachCall);
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
}

void TestNotifier::whatIsCancelledIsNotToldAsGoingOn()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.dom0.hold(attachCall);
    desktop.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attaching to work…")));
    desktop.operations.cancelWaiting(Stage::device("sys-usb", "2-1"));
    EVENTUALLY(desktop.server.closed.size() == 1);
}

void TestNotifier::quickOnesAreToldOnce()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
    const auto progress = std::count_if(desktop.server.shown.begin(), desktop.server.shown.end(),
                                        [](const auto &one) { return one.summary.endsWith(QStringLiteral("…")); });
    QVERIFY(progress <= 1); // none, unless the machine is very slow
    QCOMPARE(desktop.server.shown.size() - progress, 1);
}

void TestNotifier::failedThenRetried()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "bus <broke>"));
    desktop.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(desktop.lastSays(QStringLiteral("Could not attach to work")));
    QVERIFY(desktop.last().body.contains(QStringLiteral("bus &lt;broke&gt;")));
    QVERIFY(desktop.offers(QStringLiteral("retry")));
    QVERIFY(desktop.offers(QStringLiteral("Details")));
    desktop.click(QStringLiteral("retry"));
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to work")));
}

void TestNotifier::moveTellsWhereItArrived()
{
    Desktop desktop;
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(desktop.run());
    desktop.operations.perform(
        {control::Request::Kind::Move, Stage::device("sys-usb", "2-1"), Stage::qube("personal")});
    EVENTUALLY(desktop.lastSays(QStringLiteral("Attached to personal")));
    for (const auto &one : std::as_const(desktop.server.shown))
        QVERIFY(one.summary != QStringLiteral("Detached from work"));
}

void TestNotifier::moveThatIsGivenBackTellsBoth()
{
    Desktop desktop;
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(desktop.run());
    desktop.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "no port"));
    desktop.operations.perform(
        {control::Request::Kind::Move, Stage::device("sys-usb", "2-1"), Stage::qube("personal")});
    EVENTUALLY(desktop.lastSays(QStringLiteral("Could not move to personal")));
    QVERIFY(desktop.last().body.contains(QStringLiteral("no port")));
    QVERIFY2(desktop.last().body.contains(QStringLiteral("It was given back to work.")),
             qPrintable(desktop.last().body));
}

void TestNotifier::removedWhileAttached()
{
    Desktop desktop;
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(desktop.run());
    desktop.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(desktop.lastSays(QStringLiteral("Removed while attached to work")));
    QVERIFY(desktop.last().body.contains(QStringLiteral("data may be lost")));
}

/// A Bluetooth adapter with new firmware, a phone: gone, and the same at the same port in a moment.
void TestNotifier::restartsItself()
{
    Desktop desktop(std::chrono::seconds(6));
    const FakeDom0::Device same = desktop.dom0.qube("sys-usb").devices.value("2-1");
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(desktop.run());
    desktop.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(!desktop.row("sys-usb", "2-1"));
    desktop.dom0.plug("sys-usb", "2-1", same);
    EVENTUALLY(desktop.lastSays(QStringLiteral("Restarted itself while attached to work")));
    QCOMPARE(desktop.server.shown.size(), 1); // and not that somebody pulled it, or plugged it in
    desktop.click(QStringLiteral("attach"));
    EVENTUALLY(desktop.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
}

/// With its backend, whose list is empty before it has ended: nobody pulled it.
void TestNotifier::backendIsShutDown()
{
    Desktop desktop(std::chrono::seconds(6));
    desktop.dom0.add("sys-two", {"AppVM", "Running", "red", false, false, false, {}, {}, {}});
    desktop.dom0.plug("sys-two", "3-1", FakeDom0::Device{});
    desktop.dom0.setAttached("sys-two", "3-1", "personal");
    desktop.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(desktop.run());
    desktop.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(!desktop.row("sys-usb", "2-1"));
    desktop.dom0.setState("sys-usb", "Halted");
    EVENTUALLY(desktop.model.qube(Stage::qube("sys-usb"))->isHalted());
    desktop.dom0.unplug("sys-two", "3-1");
    EVENTUALLY(desktop.lastSays(QStringLiteral("Removed while attached to personal"))); // both are told by then
    QVERIFY(!desktop.hasSaid(QStringLiteral("Removed while attached to work")));
}

void TestNotifier::cameAndWent()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.dom0.plug("sys-usb", "3-1", FakeDom0::Device{});
    EVENTUALLY(desktop.row("sys-usb", "3-1"));
    desktop.dom0.unplug("sys-usb", "3-1");
    EVENTUALLY(!desktop.row("sys-usb", "3-1"));
    desktop.dom0.plug("sys-usb", "5-1", FakeDom0::Device{});
    EVENTUALLY(!desktop.server.shown.isEmpty() && desktop.last().body.contains(QStringLiteral("5-1")));
    QVERIFY(desktop.server.shown.size() <= 2);
}

void TestNotifier::burstBecomesOne()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    for (int i = 1; i <= 8; ++i)
        desktop.dom0.plug("sys-usb", "5-" + QByteArray::number(i), FakeDom0::Device{});
    EVENTUALLY(!desktop.server.shown.isEmpty());
    QVERIFY2(desktop.last().summary.endsWith(QStringLiteral("plugged in")), qPrintable(desktop.last().summary));
    QVERIFY(desktop.last().summary.startsWith(QLatin1Char('8')));
    QCOMPARE(desktop.server.shown.size(), 1);
    QCOMPARE(desktop.last().body.count(QLatin1Char('\n')), 5); // five of them and how many more
}

void TestNotifier::eachKindCanBeSwitchedOff()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    for (const Notice notice : memory::Settings::allNotices)
        desktop.settings.setNoticeOn(notice, false);
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    desktop.dom0.plug("sys-usb", "3-1", FakeDom0::Device{});
    desktop.operations.perform({control::Request::Kind::Attach, stick, Stage::qube("work")});
    EVENTUALLY(desktop.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    desktop.operations.perform({control::Request::Kind::Detach, stick, {}});
    EVENTUALLY(desktop.state("sys-usb", "2-1") == QStringLiteral("free"));
    desktop.dom0.scriptReply(attachCall, {});
    desktop.operations.perform({control::Request::Kind::Attach, stick, Stage::qube("work")});
    EVENTUALLY(desktop.state("sys-usb", "2-1") == QStringLiteral("failed"));
    desktop.settings.setNoticeOn(Notice::Attached, true);
    desktop.operations.perform({control::Request::Kind::Attach, stick, Stage::qube("work")});
    EVENTUALLY(!desktop.server.shown.isEmpty());
    QCOMPARE(desktop.server.shown.size(), 1);
    QCOMPARE(desktop.last().summary, QStringLiteral("Attached to work"));
}

void TestNotifier::hostileText()
{
    Desktop desktop;
    FakeDom0::Device device;
    device.vendor = "<img src=x>";
    device.product = "&%1\x1b[0m";
    QVERIFY(desktop.run());
    desktop.dom0.plug("sys-usb", "3-1", device);
    EVENTUALLY(!desktop.server.shown.isEmpty());
    QVERIFY(desktop.last().body.startsWith(QStringLiteral("&amp;%1")));
    QVERIFY(desktop.last().body.contains(QStringLiteral("(&lt;img src=x&gt;)")));
    QVERIFY(!desktop.last().body.contains(QChar(0x1b)));
}

/// Nobody shows notifications: nothing waits for it, and the next one is shown if somebody turns up.
void TestNotifier::noDaemon()
{
    Desktop desktop;
    QVERIFY(desktop.UiStage::run());
    desktop.dom0.plug("sys-usb", "3-1", FakeDom0::Device{});
    EVENTUALLY(desktop.row("sys-usb", "3-1"));
    desktop.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(desktop.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    QVERIFY(desktop.server.appear());
    desktop.dom0.setAttached("sys-usb", "2-1", {});
    EVENTUALLY(desktop.hasSaid(QStringLiteral("Detached from work"))); // what is plugged in may be told after it
}

void TestNotifier::connectionLost()
{
    Desktop desktop;
    QVERIFY(desktop.run());
    desktop.qubesd.stop();
    EVENTUALLY(desktop.lastSays(QStringLiteral("No connection to Qubes")));
    const uint id = desktop.last().id;
    QVERIFY(desktop.qubesd.start());
    EVENTUALLY(desktop.server.closed.contains(id));
    QCOMPARE(desktop.server.shown.size(), 1); // no device is news again
}

void TestNotifier::inputDeviceIsNotHandedOverByOneClick()
{
    Desktop desktop;
    FakeDom0::Device keyboard;
    keyboard.id = "1111:3333:K:u030101";
    QVERIFY(desktop.run());
    desktop.dom0.plug("sys-usb", "3-1", keyboard);
    EVENTUALLY(desktop.lastSays(QStringLiteral("Keyboard plugged in")));
    QVERIFY(desktop.last().body.contains(QStringLiteral("read and forge")));
    desktop.settings.setLastQube(desktop.row("sys-usb", "3-1")->usb, Stage::qube("work"));
    desktop.dom0.unplug("sys-usb", "3-1");
    EVENTUALLY(!desktop.row("sys-usb", "3-1"));
    desktop.dom0.plug("sys-usb", "3-1", keyboard);
    EVENTUALLY(desktop.offers(QStringLiteral("attach")));
    QSignalSpy asked(&desktop.operations, &control::Operations::confirmationNeeded);
    desktop.click(QStringLiteral("attach"));
    EVENTUALLY(asked.count() == 1);
    QVERIFY(desktop.model.activeJobs().isEmpty());
}

QTEST_MAIN(TestNotifier)
#include "tst_notifier.moc"
