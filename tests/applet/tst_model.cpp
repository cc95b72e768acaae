// SPDX-License-Identifier: GPL-2.0-or-later
// What the model makes of a changing world. Jobs have a test of their own (tst_jobs).
#include "stage.h"

#include <QSignalSpy>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using Release = FakeDom0::Release;

Q_DECLARE_METATYPE(Release)

class TestModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void rows_data() { releases(); }
    void rows();
    void plugAndUnplug_data() { releases(); }
    void plugAndUnplug();
    void attachedByOthers_data() { releases(); }
    void attachedByOthers();
    void removedWhileAttached();
    void aQubeThatEndsHoldsNothing_data() { releases(); }
    void aQubeThatEndsHoldsNothing();
    void killedDisposableHoldsNothing();
    void backendStopsAndStarts();
    void rememberedBackend();
    void haltedUsbQube_data();
    void haltedUsbQube();
    void usbQubeIsShutDown();
    void eventsLie();
    void anotherDeviceAtTheSamePort();
    void pluggedInAndAttachedAtOnce();
    void twins();
    void backendThatTalksNonsense();
    void refusedBackend();
    void unreadableRow();
    void listThatFailsIsReadAgain();
    void labelsAndNames();
    void targets();
    void internalQubes();
    void preloadedDisposable();
    void rulesAreReadWhenWanted();
    void serverGoneAtStart();
    void serverRestart();
    void bytesOneByOne();
    void burstOfEvents();

private:
    static void releases();
};

void TestModel::releases()
{
    QTest::addColumn<Release>("release");
    QTest::newRow("4.1") << Release::R41;
    QTest::newRow("4.2") << Release::R42;
    QTest::newRow("4.3") << Release::R43;
    QTest::newRow("main") << Release::Main;
}

void TestModel::rows()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices(),
             (QList<DeviceKey>{Stage::device("sys-usb", "1-1.4"), Stage::device("sys-usb", "2-1")}));
    QCOMPARE(stage.state("sys-usb", "1-1.4"), QStringLiteral("free"));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:work"));
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb")).kind, BackendStatus::Kind::Listed);
    QCOMPARE(stage.model.connection(), Connection::Connected);
}

void TestModel::plugAndUnplug()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QList<Appearance> added;
    QList<Disappearance> removed;
    connect(&stage.model, &DeviceModel::deviceAdded, this,
            [&](const DeviceKey &, Appearance how) { added.append(how); });
    connect(&stage.model, &DeviceModel::deviceRemoved, this,
            [&](const Device &, Disappearance how) { removed.append(how); });
    stage.dom0.plug("sys-usb", "3-2", {"046d:0825:ABC:u0e0100", "Logitech, Inc.", "Webcam C270", "Logitech", {}});
    EVENTUALLY(stage.row("sys-usb", "3-2"));
    QCOMPARE(added, QList<Appearance>{Appearance::PluggedIn});
    stage.dom0.unplug("sys-usb", "3-2");
    EVENTUALLY(!stage.row("sys-usb", "3-2"));
    QCOMPARE(removed, QList<Disappearance>{Disappearance::Unplugged});
    QCOMPARE(stage.model.devices().size(), 2);
}

void TestModel::attachedByOthers()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QStringList heard;
    connect(&stage.model, &DeviceModel::deviceAttached, this,
            [&](const DeviceKey &key, const QubeName &qube) { heard.append(key.toString() + u'+' + qube.toString()); });
    connect(&stage.model, &DeviceModel::deviceDetached, this,
            [&](const DeviceKey &key, const QubeName &qube) { heard.append(key.toString() + u'-' + qube.toString()); });
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    stage.dom0.setAttached("sys-usb", "2-1", {});
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
    QCOMPARE(heard.join(u' '), QStringLiteral("sys-usb:2-1+work sys-usb:2-1-work"));
}

void TestModel::removedWhileAttached()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    std::optional<QubeName> had;
    connect(&stage.model, &DeviceModel::deviceRemoved, this, [&](const Device &last) { had = last.attachedTo; });
    stage.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(had == Stage::qube("work"));
}

void TestModel::aQubeThatEndsHoldsNothing()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    // As some releases do: only the shutdown is told, the backend still says "attached" for a while.
    stage.dom0.qube("work").state = "Halted";
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("work", "domain-shutdown"));
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
}

void TestModel::killedDisposableHoldsNothing()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("disp7", {"DispVM", "Running", "red", false, true, false, {}, {}, {}});
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "disp7";
    QVERIFY(stage.run());
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:disp7"));
    QSignalSpy removed(&stage.model, &DeviceModel::qubeRemoved);
    stage.dom0.remove("disp7"); // no device-detach comes, and the backend's list is behind
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
    EVENTUALLY(removed.size() == 1);
}

void TestModel::backendStopsAndStarts()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QList<Disappearance> removed;
    QList<Appearance> added;
    connect(&stage.model, &DeviceModel::deviceAdded, this,
            [&](const DeviceKey &, Appearance how) { added.append(how); });
    connect(&stage.model, &DeviceModel::deviceRemoved, this,
            [&](const Device &, Disappearance how) { removed.append(how); });
    stage.dom0.setState("sys-usb", "Halted");
    EVENTUALLY(stage.model.devices().isEmpty());
    QCOMPARE(removed, QList<Disappearance>(2, Disappearance::BackendGone));
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb")).kind, BackendStatus::Kind::Halted);
    stage.dom0.setState("sys-usb", "Running");
    EVENTUALLY(stage.model.devices().size() == 2);
    QCOMPARE(added, QList<Appearance>(2, Appearance::Listed)); // nobody plugged them in
}

void TestModel::rememberedBackend()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").state = "Halted";
    QVERIFY(stage.run());
    QVERIFY(stage.model.backends().isEmpty());
    stage.model.setRememberedBackends({Stage::qube("sys-usb"), Stage::qube("gone")});
    QCOMPARE(stage.model.backends(), QList<QubeName>{Stage::qube("sys-usb")});
    testing::JobWatch job(stage.model.startQube(Stage::qube("sys-usb")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    EVENTUALLY(stage.model.devices().size() == 2);
}

void TestModel::haltedUsbQube_data()
{
    QTest::addColumn<Release>("release");
    QTest::addColumn<QByteArray>("virtMode");
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<bool>("internal");
    QTest::addColumn<bool>("offered");
    const QByteArray usb = QByteArray("00_14.0:") + FakeDom0::usbControllerId;
    for (const auto &[name, release] : {std::pair("4.1", Release::R41), std::pair("4.2", Release::R42),
                                        std::pair("4.3", Release::R43), std::pair("main", Release::Main)}) {
        QTest::addRow("%s: USB controller", name) << release << QByteArray("hvm") << usb << false << true;
        QTest::addRow("%s: network card", name)
            << release << QByteArray("hvm") << QByteArray("00_1f.6:") + FakeDom0::networkCardId << false << false;
        QTest::addRow("%s: nothing", name) << release << QByteArray("hvm") << QByteArray() << false << false;
        // PCI devices go to no such qube, so nobody needs to ask.
        QTest::addRow("%s: no machine for it", name) << release << QByteArray("pvh") << usb << false << false;
        QTest::addRow("%s: internal", name) << release << QByteArray("hvm") << usb << true << false;
    }
    QTest::newRow("whatever is at the port")
        << Release::R43 << QByteArray("hvm") << QByteArray("00_14.0:*") << false << true;
    QTest::newRow("this one at any port")
        << Release::R43 << QByteArray("pv") << QByteArray("*:") + FakeDom0::usbControllerId << false << true;
}

/// Nobody has seen its devices yet, but it has a USB controller: it can be started to list them.
void TestModel::haltedUsbQube()
{
    QFETCH(Release, release);
    QFETCH(QByteArray, virtMode);
    QFETCH(QByteArray, rule);
    QFETCH(bool, internal);
    QFETCH(bool, offered);
    Stage stage({release});
    stage.dom0.addUsual();
    FakeDom0::Qube &usb = stage.dom0.qube("sys-usb");
    usb.state = "Halted";
    usb.virtMode = virtMode;
    usb.internal = internal;
    if (!rule.isEmpty())
        usb.pci.append(rule);
    QVERIFY(stage.run());
    stage.model.lookIfOld(); // R4.1/4.2: only then it is known which ones are internal
    EVENTUALLY(stage.model.isReady());
    const auto shown = offered ? QList<QubeName>{Stage::qube("sys-usb")} : QList<QubeName>{};
    EVENTUALLY(stage.model.backends() == shown);
    const bool asked = stage.dom0.count("admin.vm.device.pci.List") + stage.dom0.count("admin.vm.device.pci.Assigned");
    QCOMPARE(asked, virtMode != "pvh");
    if (!offered)
        return;
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb")).kind, BackendStatus::Kind::Halted);
    testing::JobWatch job(stage.model.startQube(Stage::qube("sys-usb")));
    EVENTUALLY(job.isOver());
    EVENTUALLY(stage.model.devices().size() == 2);
}

void TestModel::usbQubeIsShutDown()
{
    Stage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube &usb = stage.dom0.qube("sys-usb");
    usb.virtMode = "hvm";
    usb.devices.clear();
    QVERIFY(stage.run());
    QVERIFY(stage.model.backends().isEmpty()); // it runs and has none
    usb.pci.append(QByteArray("00_14.0:") + FakeDom0::usbControllerId);
    stage.dom0.setState("sys-usb", "Halted");
    EVENTUALLY(stage.model.backends() == QList<QubeName>{Stage::qube("sys-usb")});
    // The controller is another qube's from now on.
    usb.pci.clear();
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("sys-usb", "device-unassign:pci", {{"device", "dom0:00_14.0"}}));
    EVENTUALLY(stage.model.backends().isEmpty());
}

/// Events say what did not happen; only what is read counts.
void TestModel::eventsLie()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QSignalSpy attached(&stage.model, &DeviceModel::deviceAttached);
    QSignalSpy removed(&stage.model, &DeviceModel::deviceRemoved);
    stage.dom0.forgetCalls();
    const QByteArray device = "sys-usb:2-1:0951:1666:S1:u080650";
    for (const char *const name : {"device-attach:usb", "device-detach:usb", "device-pre-attach:usb"})
        Q_EMIT stage.dom0.eventHappened(FakeDom0::event("work", name, {{"device", device}}));
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("sys-usb", "device-removed:usb", {{"port", "sys-usb:2-1"}}));
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("work", "domain-shutdown"));
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event({}, "domain-delete", {{"vm", "sys-usb"}}));
    EVENTUALLY(stage.dom0.count("admin.vm.device.usb.Available") > 0 && stage.dom0.count("admin.vm.List") > 0);
    // One more look that changes something, so that all before it has been dealt with.
    stage.dom0.plug("sys-usb", "3-1", {});
    EVENTUALLY(stage.row("sys-usb", "3-1"));
    QCOMPARE(attached.size(), 0);
    QCOMPARE(removed.size(), 0);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
}

void TestModel::anotherDeviceAtTheSamePort()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QSignalSpy added(&stage.model, &DeviceModel::deviceAdded);
    QSignalSpy removed(&stage.model, &DeviceModel::deviceRemoved);
    stage.dom0.plug("sys-usb", "2-1",
                    {"0951:1666:OTHER:u080650", "Kingston Technology", "DataTraveler", "Kingston", {}});
    EVENTUALLY(added.size() == 1);
    QCOMPARE(removed.size(), 1);
    QCOMPARE(stage.row("sys-usb", "2-1")->usb.serial.toString(), QStringLiteral("OTHER"));
}

/// A rule gave it to a qube before we could look.
void TestModel::pluggedInAndAttachedAtOnce()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QSignalSpy added(&stage.model, &DeviceModel::deviceAdded);
    QSignalSpy attached(&stage.model, &DeviceModel::deviceAttached);
    stage.dom0.plug("sys-usb", "2-2",
                    {"0951:1666:S2:u080650", "Kingston Technology", "DataTraveler", "Kingston", "work"});
    EVENTUALLY(added.size() == 1);
    QCOMPARE(attached.size(), 1);
    QCOMPARE(stage.state("sys-usb", "2-2"), QStringLiteral("attached:work"));
}

void TestModel::twins()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices.insert("2-2", FakeDom0::Device{});
    QVERIFY(stage.run());
    QVERIFY(stage.row("sys-usb", "2-1")->ambiguous);
    QVERIFY(stage.row("sys-usb", "2-2")->ambiguous);
    QVERIFY(!stage.row("sys-usb", "1-1.4")->ambiguous);
    stage.dom0.setAttached("sys-usb", "2-2", "work");
    EVENTUALLY(stage.state("sys-usb", "2-2") == QStringLiteral("attached:work"));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    stage.dom0.unplug("sys-usb", "2-2");
    EVENTUALLY(!stage.row("sys-usb", "2-2"));
    QVERIFY(!stage.row("sys-usb", "2-1")->ambiguous);
}

void TestModel::backendThatTalksNonsense()
{
    Stage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube other;
    other.devices.insert("5-1", FakeDom0::Device{"1d6b:0104:X:u020600", "", "Phone", "", {}});
    stage.dom0.add("sys-net", other);
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices().size(), 3);
    for (int i = 0; i < 3; ++i)
        stage.dom0.scriptReply("admin.vm.device.usb.Available", "7 what?");
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("sys-net", "device-list-change:usb"));
    const auto status = [&] { return stage.model.backendStatus(Stage::qube("sys-net")); };
    EVENTUALLY(status().kind == BackendStatus::Kind::Unreadable);
    QCOMPARE(status().problem->reason, Reason::Garbled);
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb")).kind, BackendStatus::Kind::Listed);
    EVENTUALLY(status().kind == BackendStatus::Kind::Listed); // it is tried again by itself
}

void TestModel::refusedBackend()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("sys-net", {});
    stage.dom0.refuse("sys-net"); // over the socket a refusal is an answer without a byte
    QVERIFY(stage.run());
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-net")).kind, BackendStatus::Kind::Unreadable);
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-net")).problem->reason, Reason::NoAnswer);
    QCOMPARE(stage.model.devicesOf(Stage::qube("sys-usb")).size(), 2);
    QVERIFY(stage.model.qube(Stage::qube("sys-net"))->problem);
}

void TestModel::unreadableRow()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices.insert("9-9", FakeDom0::Device{"not:an:id", "", "", "", {}});
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices().size(), 2);
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb")).unreadableRows, 1);
}

void TestModel::listThatFailsIsReadAgain()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.scriptReply("admin.vm.List", {});
    stage.dom0.scriptReply("admin.vm.List", FakeDom0::ok("rubbish"));
    QVERIFY(stage.run());
    EVENTUALLY(stage.model.devices().size() == 2);
}

void TestModel::labelsAndNames()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Qube *const usb = stage.model.qube(Stage::qube("sys-usb"));
    QCOMPARE(usb->iconName(), QStringLiteral("appvm-red"));
    EVENTUALLY(stage.model.labelColor(*stage.model.qube(Stage::qube("sys-usb"))) == 0xcc0000u);
    stage.dom0.qube("sys-usb").label = "blue";
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("sys-usb", "property-set:label", {{"name", "label"}}));
    EVENTUALLY(stage.model.qube(Stage::qube("sys-usb"))->iconName() == QStringLiteral("appvm-blue"));
}

void TestModel::targets()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    stage.dom0.add("asleep", {"AppVM", "Paused", "red", false, false, false, {}, {}, {}});
    stage.dom0.add("template", {"TemplateVM", "Halted", "black", false, false, false, {}, {}, {}});
    stage.dom0.qube("personal").denied = "u08****";
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:*", "ask-to-attach");
    QVERIFY(stage.run());
    stage.model.lookIfOld();
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    EVENTUALLY(!stage.model.device(stick)->assignments.isEmpty());
    QStringList found;
    for (const Target &target : stage.model.targets(stick)) {
        static const QMap<Target::Kind, QString> kinds = {{Target::Kind::Running, QStringLiteral("running")},
                                                          {Target::Kind::Halted, QStringLiteral("halted")},
                                                          {Target::Kind::DisposableTemplate, QStringLiteral("new")}};
        QString text = kinds.value(target.kind) + u':' + target.qube.toString();
        if (target.preferred)
            text += u'!';
        if (target.obstacle)
            text += u'(' + QString::fromLatin1(reasonName(target.obstacle->reason)) + u')';
        found.append(text);
    }
    QCOMPARE(found.join(u' '), QStringLiteral("running:work! running:asleep(QubePaused) "
                                              "running:personal(DeniedInterface) halted:vault new:dvm"));
}

void TestModel::internalQubes()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("work").internal = true;
    QVERIFY(stage.run());
    QVERIFY(!stage.model.qube(Stage::qube("work"))->isForUsers());
    stage.dom0.qube("work").internal = false;
    Q_EMIT stage.dom0.eventHappened(
        FakeDom0::event("work", "domain-feature-delete:internal", {{"feature", "internal"}}));
    EVENTUALLY(stage.model.qube(Stage::qube("work"))->isForUsers());
}

void TestModel::preloadedDisposable()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("disp1", {"DispVM", "Paused", "red", false, true, true, {}, {}, {}});
    QVERIFY(stage.run());
    QVERIFY(!stage.model.qube(Stage::qube("disp1"))->isForUsers());
    // Handed out.
    stage.dom0.qube("disp1").internal = false;
    stage.dom0.setState("disp1", "Running");
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("disp1", "domain-feature-delete:internal"));
    EVENTUALLY(stage.model.qube(Stage::qube("disp1"))->isForUsers() &&
               stage.model.qube(Stage::qube("disp1"))->isRunning());
}

void TestModel::rulesAreReadWhenWanted()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("vault").rules.insert("sys-usb+2-1:*", "auto-attach");
    QVERIFY(stage.run());
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Assigned"), 0);
    stage.model.lookIfOld();
    EVENTUALLY(stage.row("sys-usb", "2-1")->assignments.size() == 1);
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.front().frontend, Stage::qube("vault"));
    const int before = stage.dom0.count("admin.vm.device.usb.Assigned");
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:*", "auto-attach");
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("work", "device-assign:usb", {{"device", "sys-usb:2-1:*"}}));
    EVENTUALLY(stage.row("sys-usb", "2-1")->assignments.size() == 2);
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Assigned"), before + 1); // of that qube only
}

void TestModel::serverGoneAtStart()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.model.start();
    EVENTUALLY(stage.model.connection() == Connection::Disconnected);
    QVERIFY(!stage.model.isReady());
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(stage.model.isReady());
    QCOMPARE(stage.model.devices().size(), 2);
}

void TestModel::serverRestart()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QSignalSpy removed(&stage.model, &DeviceModel::deviceRemoved);
    stage.qubesd.stop();
    EVENTUALLY(stage.model.connection() == Connection::Disconnected);
    QCOMPARE(stage.model.devices().size(), 2); // as seen last
    QCOMPARE(stage.model.backends(), QList<QubeName>{Stage::qube("sys-usb")});
    // What happens now nobody tells us.
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    stage.dom0.qube("sys-usb").devices.remove("1-1.4");
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(stage.model.isReady());
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:work"));
    QCOMPARE(removed.size(), 1);
    QCOMPARE(stage.dom0.eventStreams, 1);
}

void TestModel::bytesOneByOne()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.qubesd.setDribbling(true);
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices().size(), 2);
    stage.dom0.plug("sys-usb", "3-1", {});
    EVENTUALLY(stage.row("sys-usb", "3-1"));
}

/// A dock is plugged in: many events, few looks.
void TestModel::burstOfEvents()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.forgetCalls();
    for (int i = 0; i < 40; ++i)
        stage.dom0.plug("sys-usb", "7-" + QByteArray::number(i + 1), {});
    EVENTUALLY(stage.model.devices().size() == 42);
    const int looks = stage.dom0.count("admin.vm.device.usb.Available");
    QVERIFY2(looks >= 1 && looks <= 5, qPrintable(QString::number(looks)));
}

QTEST_GUILESS_MAIN(TestModel)
#include "tst_model.moc"
