// SPDX-License-Identifier: GPL-2.0-or-later
// The menu: what it says, what its entries do, and that it is changed in place.
#include "uistage.h"

#include "ui/devicerows.h"

#include <QPointer>
#include <QSignalSpy>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using testing::UiStage;

Q_DECLARE_METATYPE(ui::DrawnBy)

namespace {

const QByteArray attachCall = "admin.vm.device.usb.Attach";

/// Opens the menu, and below it the submenu of each row.
QStringList open(ui::AppletMenu &menu)
{
    Q_EMIT menu.menu()->aboutToShow();
    for (const QAction *const action : menu.menu()->actions()) {
        if (action->menu())
            Q_EMIT action->menu()->aboutToShow();
    }
    return UiStage::texts(menu.menu());
}

} // namespace

class TestMenu : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void wholeMenu();
    void newOnesStandFirst();
    void ofOneDevice();
    void attachesAndStaysInPlace();
    void swapped();
    void swappedWhileItIsOpen();
    void backendWithCountlessDevices();
    void moves();
    void failureAndRetry();
    void stopWaiting();
    void inputDeviceAsksFirst();
    void haltedQubeAndDisposable();
    void staysSmall();
    void detachAndShutDown();
    void detachedButNotShutDown();
    void deniedIsNotOffered();
    void haltedBackendCanBeStarted();
    void unreadableBackendSaysWhy();
    void detachAll();
    void hostileText();
    void aPanelFindsItFilled();
    void qtFillsWhatItOpens();
    void opensWhileAnAttachTakesLong();
    void tellsOnlyChanges();
    void disconnected();
};

void TestMenu::wholeMenu()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    QCOMPARE(open(menu),
             (QStringList{"(sys-usb)", "Keyboard K120 (Logitech) · 1-1.4>", "DataTraveler (Kingston Technology) · 2-1>",
                          "-", "Show window", "Settings…", "About", "Quit"}));
    QSignalSpy quit(&menu, &ui::AppletMenu::quitRequested);
    UiStage::find(menu.menu(), "Quit")->trigger();
    QCOMPARE(quit.count(), 1);
}

/// What was plugged in is most likely what the menu is opened for.
void TestMenu::newOnesStandFirst()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    const auto rows = [&] {
        const QStringList all = UiStage::texts(menu.menu());
        return all.mid(1, all.indexOf(QStringLiteral("-")) - 1);
    };
    QCOMPARE(rows().size(), 2);
    const auto plugged = [&] {
        stage.dom0.plug("sys-usb", "2-7", FakeDom0::Device{});
        return testing::eventually([&] { return rows().constFirst().endsWith(QStringLiteral("2-7 · new>")); });
    };
    QVERIFY(plugged());
    open(menu);
    QVERIFY(rows().constFirst().endsWith(QStringLiteral("2-7 · new>")));
    // Looked at: then it stands where it belongs, but not before the menu has closed.
    Q_EMIT menu.menu()->aboutToHide();
    QVERIFY(rows().constFirst().contains(QStringLiteral("new")));
    EVENTUALLY(rows().constLast().endsWith(QStringLiteral("2-7>")));
    // Gone and back it is new. Attached it is not, but it stays where it is while nobody has looked.
    stage.dom0.unplug("sys-usb", "2-7");
    EVENTUALLY(!stage.row("sys-usb", "2-7"));
    QVERIFY(plugged());
    stage.dom0.setAttached("sys-usb", "2-7", "work");
    EVENTUALLY(rows().constFirst().endsWith(QStringLiteral("2-7 → work>")));
    // Some panels never tell that the menu has closed: it has, when it opens again.
    open(menu);
    QVERIFY(rows().constFirst().endsWith(QStringLiteral("2-7 → work>")));
    open(menu);
    QVERIFY(rows().constLast().endsWith(QStringLiteral("2-7 → work>")));
}

void TestMenu::ofOneDevice()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::DeviceMenu menu(stage.context(), Stage::device("sys-usb", "2-1"));
    menu.fill();
    QCOMPARE(UiStage::texts(menu.menu()),
             (QStringList{"(Attach to)", "personal", "work", "All qubes…", "-", "Attach automatically…", "Details…"}));
}

void TestMenu::attachesAndStaysInPlace()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "DataTraveler");
    const QList<QAction *> before = menu.menu()->actions();
    stage.dom0.hold(attachCall);
    UiStage::find(row->menu(), "work")->trigger();
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    QCOMPARE(row->text(), QStringLiteral("DataTraveler (Kingston Technology) · 2-1 · attaching to work…"));
    stage.dom0.release(attachCall);
    EVENTUALLY(row->text() == QStringLiteral("DataTraveler (Kingston Technology) · 2-1 → work"));
    QCOMPARE(menu.menu()->actions(), before);
    QVERIFY(UiStage::texts(row->menu()).contains("Detach from work"));
    QVERIFY(UiStage::texts(row->menu()).contains("Unmount it in work first")); // detaching pulls the plug
    UiStage::find(row->menu(), "Detach from work")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
    EVENTUALLY(row->text() == QStringLiteral("DataTraveler (Kingston Technology) · 2-1"));
    QCOMPARE(UiStage::texts(row->menu()).value(1), QStringLiteral("work")); // where it was last
}

/// What comes to the same port has entries of its own, and a click that was aimed at the old ones does nothing.
void TestMenu::swapped()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "DataTraveler");
    const QPointer<QAction> work = UiStage::find(row->menu(), "work");
    const QPointer<QAction> rules = UiStage::find(row->menu(), "Attach automatically…");
    stage.dom0.plug("sys-usb", "2-1", {"dead:beef:EVIL:u080650", "Evil", "Stick", "Evil", {}});
    bool isClicked = false;
    connect(&stage.model, &DeviceModel::deviceAdded, &menu, [&] {
        if (isClicked)
            return;
        isClicked = true; // with the change, before the panel has heard of it
        if (work)
            work->trigger();
    });
    EVENTUALLY(isClicked);
    QVERIFY(!UiStage::texts(menu.menu()).contains(QStringLiteral("DataTraveler (Kingston Technology) · 2-1>")));
    QVERIFY(UiStage::texts(menu.menu()).contains(QStringLiteral("Stick (Evil) · 2-1 · new>")));
    EVENTUALLY(!work && !rules);
    EVENTUALLY(stage.model.activeJobs().isEmpty());
    QCOMPARE(stage.dom0.count(attachCall), 0);
    open(menu);
    UiStage::find(UiStage::find(menu.menu(), "Stick (Evil)")->menu(), "work")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
}

/// A menu that is open while the device is swapped stays about the old one, whatever else changes.
void TestMenu::swappedWhileItIsOpen()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::DeviceMenu menu(stage.context(), Stage::device("sys-usb", "2-1"));
    menu.fill();
    QAction *const work = UiStage::find(menu.menu(), "work");
    const QStringList before = UiStage::texts(menu.menu());
    stage.dom0.plug("sys-usb", "2-1", {"dead:beef:EVIL:u080650", "Evil", "Stick", "Evil", {}});
    EVENTUALLY(stage.row("sys-usb", "2-1")->usb.vendorId == 0xdead);
    menu.update();
    QCOMPARE(UiStage::texts(menu.menu()), before);
    QSignalSpy ended(&stage.model, &DeviceModel::jobFinished);
    work->trigger();
    EVENTUALLY(ended.size() == 1);
    QCOMPARE(stage.dom0.count(attachCall), 0);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
}

void TestMenu::moves()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "DataTraveler");
    const QStringList texts = UiStage::texts(row->menu());
    QVERIFY(texts.contains("(Move to)"));
    UiStage::find(row->menu(), "personal")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:personal"));
}

void TestMenu::failureAndRetry()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "DataTraveler");
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("USBProxyNotInstalled", "not there"));
    UiStage::find(row->menu(), "work")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("failed"));
    EVENTUALLY(row->text().endsWith(QStringLiteral("failed; not attached")));
    QVERIFY(UiStage::find(row->menu(), "lacks qubes-usb-engine"));
    UiStage::find(row->menu(), "Try again")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    EVENTUALLY(!UiStage::find(row->menu(), "Try again"));
}

void TestMenu::stopWaiting()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "DataTraveler");
    stage.dom0.hold(attachCall);
    UiStage::find(row->menu(), "work")->trigger();
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    EVENTUALLY(UiStage::texts(row->menu()).contains("(Attaching to work…)"));
    QVERIFY(!UiStage::find(row->menu(), "personal"));
    UiStage::find(row->menu(), "Stop waiting")->trigger();
    // Nobody waits, but the server is still at it.
    EVENTUALLY(!UiStage::find(row->menu(), "Stop waiting"));
    QVERIFY(UiStage::texts(row->menu()).contains("(Attaching to work…)"));
    QVERIFY(!UiStage::texts(row->menu()).contains("personal"));
    stage.dom0.release(attachCall);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work")); // the truth, whoever waits
}

void TestMenu::inputDeviceAsksFirst()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "Keyboard");
    QVERIFY(UiStage::find(row->menu(), "can read and forge"));
    QSignalSpy asked(&stage.operations, &control::Operations::confirmationNeeded);
    UiStage::find(row->menu(), "work")->trigger();
    QCOMPARE(asked.count(), 1);
    QVERIFY(stage.model.activeJobs().isEmpty());
    stage.operations.performConfirmed(
        {control::Request::Kind::Attach, Stage::device("sys-usb", "1-1.4"), Stage::qube("work")});
    EVENTUALLY(stage.state("sys-usb", "1-1.4") == QStringLiteral("attached:work"));
    stage.settings.setConfirmsInput(false);
    UiStage::find(row->menu(), "personal")->trigger();
    EVENTUALLY(stage.state("sys-usb", "1-1.4") == QStringLiteral("attached:personal"));
    QCOMPARE(asked.count(), 1);
}

/// One click, as where it goes is known; what is in use is taken from the qube that has it when the other is ready.
void TestMenu::haltedQubeAndDisposable()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube dvm;
    dvm.state = "Halted";
    dvm.disposableTemplate = true;
    for (const char *const name : {"default-dvm", "other-dvm"})
        stage.dom0.add(name, dvm);
    stage.dom0.defaultDisposable = "default-dvm";
    QVERIFY(stage.run());
    stage.settings.setLastQube(stage.row("sys-usb", "2-1")->usb, Stage::qube("vault"));
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const row = UiStage::find(menu.menu(), "DataTraveler");
    QCOMPARE(UiStage::texts(row->menu()),
             (QStringList{"(Attach to)", "vault, after starting it", "personal", "work",
                          "New disposable of default-dvm", "All qubes…", "-", "Attach automatically…", "Details…"}));
    UiStage::find(row->menu(), "vault")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:vault"));
    EVENTUALLY(UiStage::find(row->menu(), "(Move to)") || UiStage::texts(row->menu()).contains("(Move to)"));
    UiStage::find(row->menu(), "New disposable")->trigger();
    QCOMPARE(row->text(), QStringLiteral("DataTraveler (Kingston Technology) · 2-1 · moving…"));
    EVENTUALLY(stage.state("sys-usb", "2-1").startsWith(QStringLiteral("attached:disp")));
    QCOMPARE(stage.dom0.count("admin.vm.CreateDisposable"), 1);
}

/// However many qubes there are, and the likeliest first.
void TestMenu::staysSmall()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube net;
    net.providesNetwork = true;
    stage.dom0.add("a-net", net);
    stage.addQubesAndDevices(60, 3);
    QVERIFY(stage.run());
    stage.settings.setLastQube(stage.row("sys-usb", "2-3")->usb, Stage::qube("qube7"));
    ui::DeviceMenu menu(stage.context(), Stage::device("sys-usb", "2-1"));
    menu.fill();
    QCOMPARE(UiStage::texts(menu.menu()), (QStringList{"(Attach to)", "qube7", "personal", "qube0", "qube1", "qube10",
                                                       "All qubes…", "-", "Attach automatically…", "Details…"}));
    QSignalSpy chosen(&stage.operations, &control::Operations::chooserRequested);
    UiStage::find(menu.menu(), "All qubes…")->trigger();
    QCOMPARE(chosen.size(), 1);
    QSignalSpy rules(&stage.operations, &control::Operations::rulesRequested);
    UiStage::find(menu.menu(), "Attach automatically…")->trigger();
    QCOMPARE(rules.size(), 1);
    QSignalSpy shown(&stage.operations, &control::Operations::showRequested);
    UiStage::find(menu.menu(), "Details…")->trigger();
    QCOMPARE(shown.size(), 1);
}

void TestMenu::detachAndShutDown()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube disposable;
    disposable.klass = "DispVM";
    disposable.autoCleanup = true;
    stage.dom0.add("disp7", disposable);
    stage.dom0.setAttached("sys-usb", "2-1", "disp7");
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QAction *const action = UiStage::find(menu.menu(), "Detach and shut down disp7");
    QVERIFY(action);
    action->trigger();
    EVENTUALLY(stage.dom0.count("admin.vm.Shutdown") == 1);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
}

/// What failed cannot be had by detaching again, so that is not offered.
void TestMenu::detachedButNotShutDown()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.add("disp9", {"DispVM", "Running", "red", false, true, false, {}, {}, {}});
    stage.dom0.setAttached("sys-usb", "2-1", "disp9");
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QMenu *const row = UiStage::find(menu.menu(), "DataTraveler")->menu();
    stage.dom0.scriptReply("admin.vm.Shutdown", FakeDom0::exception("QubesVMError", "busy"));
    UiStage::find(row, "Detach and shut down disp9")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("failed"));
    EVENTUALLY(UiStage::find(row, "Dismiss"));
    QVERIFY(!UiStage::find(row, "Try again"));
}

/// What can't have it does not take room; the chooser says why.
void TestMenu::deniedIsNotOffered()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube banking;
    banking.denied = "u08****";
    stage.dom0.add("banking", banking);
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    QVERIFY(!UiStage::find(UiStage::find(menu.menu(), "DataTraveler")->menu(), "banking"));
    QVERIFY(UiStage::find(UiStage::find(menu.menu(), "Keyboard")->menu(), "banking"));
}

void TestMenu::haltedBackendCanBeStarted()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube usb = stage.dom0.qube("sys-usb");
    usb.state = "Halted";
    stage.dom0.add("sys-usb2", usb);
    stage.model.setRememberedBackends({Stage::qube("sys-usb2")});
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    const QStringList texts = open(menu);
    QVERIFY(texts.contains("(sys-usb2 (not running))"));
    UiStage::find(menu.menu(), "Start sys-usb2 to list its devices")->trigger();
    EVENTUALLY(stage.model.devicesOf(Stage::qube("sys-usb2")).size() == 2);
    EVENTUALLY(UiStage::texts(menu.menu()).contains("(sys-usb2)"));
    QVERIFY(!UiStage::find(menu.menu(), "Start sys-usb2"));
}

void TestMenu::unreadableBackendSaysWhy()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.refuse("sys-usb");
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    QVERIFY(UiStage::find(menu.menu(), "sys-usb (cannot be read)"));
    QVERIFY(UiStage::find(menu.menu(), "Qubes refused without a reason"));
}

void TestMenu::detachAll()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    stage.dom0.setAttached("sys-usb", "1-1.4", "personal");
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    open(menu);
    const QAction *const all = UiStage::find(menu.menu(), "Detach all from");
    QCOMPARE(UiStage::texts(all->menu()), (QStringList{"All qubes", "personal", "work"}));
    UiStage::find(all->menu(), "work")->trigger();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
    QCOMPARE(stage.state("sys-usb", "1-1.4"), QStringLiteral("attached:personal"));
    EVENTUALLY(UiStage::texts(all->menu()) == QStringList{"personal"});
    UiStage::find(all->menu(), "personal")->trigger();
    EVENTUALLY(!all->isVisible());
}

void TestMenu::hostileText()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Device device;
    device.vendor = "A&B_C";
    device.product = "<b>x</b>%s\x01\xe2\x80\xae";
    device.id = "1234:5678:" + QByteArray(4096, 'S') + ":u080650";
    stage.dom0.plug("sys-usb", "3-1", device);
    QVERIFY(stage.run());
    ui::AppletMenu byQt(stage.context(ui::DrawnBy::Qt));
    ui::AppletMenu byPanel(stage.context(ui::DrawnBy::Panel));
    open(byQt);
    open(byPanel);
    const QAction *const row = UiStage::find(byQt.menu(), "3-1");
    QVERIFY2(row->text().startsWith(QStringLiteral("<b>x</b>%s")), qPrintable(row->text()));
    QVERIFY(row->text().endsWith(QStringLiteral("(A&&B_C) · 3-1")));
    const QString drawnByPanel = UiStage::find(byPanel.menu(), "3-1")->text();
    QVERIFY(drawnByPanel.startsWith(QStringLiteral("&\u200b<b>x</b>%s")));
    QVERIFY(drawnByPanel.endsWith(QStringLiteral("(A&B\u02cdC) · 3-1")));
    for (const QString &text : UiStage::texts(row->menu())) {
        QVERIFY(text.size() < 250);
        QVERIFY(std::none_of(text.begin(), text.end(),
                             [](QChar c) { return c.category() == QChar::Other_Control || c.unicode() == 0x202e; }));
    }
    // What a panel draws has no icon by name: its theme may lack it.
    for (const QAction *const action : byPanel.menu()->actions())
        QVERIFY(action->icon().name().isEmpty());
}

/// Some panels ask for the whole menu at once and never tell that they open it.
void TestMenu::aPanelFindsItFilled()
{
    UiStage stage;
    stage.addQubesAndDevices(60, 260);
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context(ui::DrawnBy::Panel));
    QCOMPARE(UiStage::texts(menu.menu()).size(), 266);
    for (const char *const port : {" 2-1", " 2-200"})
        EVENTUALLY(UiStage::find(UiStage::find(menu.menu(), port)->menu(), "qube1"));
    // Beyond a number that a panel takes there is a way all the same.
    QMenu *const row = UiStage::find(menu.menu(), " 2-257")->menu();
    QVERIFY(!UiStage::find(row, "qube1"));
    QSignalSpy chosen(&stage.operations, &control::Operations::chooserRequested);
    UiStage::find(row, "Choose a qube…")->trigger();
    QCOMPARE(chosen.count(), 1);
    Q_EMIT row->aboutToShow();
    QVERIFY(UiStage::find(row, "qube1"));
    QVERIFY(!UiStage::find(row, "Choose a qube…"));
}

void TestMenu::qtFillsWhatItOpens()
{
    UiStage stage;
    stage.addQubesAndDevices(10, 3);
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context(ui::DrawnBy::Qt));
    Q_EMIT menu.menu()->aboutToShow();
    QMenu *const row = UiStage::find(menu.menu(), " 2-1")->menu();
    QVERIFY(!UiStage::find(row, "qube1"));
    Q_EMIT row->aboutToShow();
    QVERIFY(UiStage::find(row, "qube1"));
}

/// While the server takes its time with one device, the menu opens and others attach; nothing of it waits.
void TestMenu::opensWhileAnAttachTakesLong()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.settings.setConfirmsInput(false);
    ui::AppletMenu menu(stage.context());
    open(menu);
    stage.dom0.hold(attachCall);
    UiStage::find(UiStage::find(menu.menu(), "DataTraveler")->menu(), "work")->trigger();
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    stage.dom0.unhold(attachCall); // that one is; the next is answered at once
    QVERIFY(open(menu).contains("DataTraveler (Kingston Technology) · 2-1 · attaching to work…>"));
    UiStage::find(UiStage::find(menu.menu(), "Keyboard")->menu(), "personal")->trigger();
    EVENTUALLY(stage.state("sys-usb", "1-1.4") == QStringLiteral("attached:personal"));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attaching"));
    stage.dom0.release(attachCall);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
}

/// What has not changed is not told again: a panel would be sent it.
void TestMenu::tellsOnlyChanges()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context(ui::DrawnBy::Panel));
    open(menu);
    int told = 0;
    const auto watch = [&](const QMenu *of, const auto &again) -> void {
        for (const QAction *const action : of->actions()) {
            connect(action, &QAction::changed, this, [&told] { ++told; });
            if (action->menu())
                again(action->menu(), again);
        }
    };
    watch(menu.menu(), watch);
    stage.dom0.forgetCalls();
    stage.model.refresh(); // all is as it was
    EVENTUALLY(stage.dom0.count("admin.vm.property.GetAll") == 4);
    stage.dom0.plug("sys-usb", "3-1", FakeDom0::Device{}); // and this tells that all of that has been dealt with
    EVENTUALLY(UiStage::find(menu.menu(), "3-1"));
    QVERIFY2(told <= 3, qPrintable(QString::number(told))); // the other stick is ambiguous now
}

void TestMenu::disconnected()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    ui::AppletMenu menu(stage.context());
    stage.qubesd.stop();
    EVENTUALLY(UiStage::find(menu.menu(), "No connection to Qubes"));
    QVERIFY(UiStage::find(menu.menu(), "DataTraveler")); // as it was seen last
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(!UiStage::find(menu.menu(), "No connection to Qubes") && stage.model.isReady());
}

/// As many as a hostile backend likes: bounded, and said so.
void TestMenu::backendWithCountlessDevices()
{
    UiStage stage;
    stage.dom0.addMany(3, 1, 15000);
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices().size(), Inventory::maxDevices);
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb0")).unshownRows, 15000 - int(Inventory::maxDevices));
    ui::AppletMenu menu(stage.context());
    const QString note = QStringLiteral("10904 more device(s), not shown");
    QVERIFY(UiStage::texts(menu.menu()).contains(QLatin1Char('(') + note + QLatin1Char(')')));
    const ui::DeviceRows rows(&stage.model, &stage.operations, &stage.icons);
    QCOMPARE(rows.index(0).data(ui::DeviceRows::SecondLineRole).toString(), note);
}

QTEST_MAIN(TestMenu)
#include "tst_menu.moc"
