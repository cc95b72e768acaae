// SPDX-License-Identifier: GPL-2.0-or-later
// org.qubes.UsbApplet1 as a client sees it. Runs on a bus of its own (see CMakeLists.txt).
#include "stage.h"

#include "dbus/service.h"
#include "objectmanagerproxy.h"
#include "serviceproxy.h"

#include <QDBusPendingCallWatcher>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace model;
using dbus::Service;
using testing::FakeDom0;
using testing::Stage;

namespace {

const QString version = QStringLiteral("9.8.7");

/// The applet on the bus, and a client on a connection of its own. The client comes after the name is taken and goes
/// before it is released: QtDBus warns when it asks for an owner while the news of another is on its way.
struct Published
{
    explicit Published(Stage &stage)
        : settings(folder.filePath(QStringLiteral("settings.ini")))
        , operations(&stage.model, &settings)
        , service(QDBusConnection::sessionBus(), &stage.model, &operations, version)
        , isPublished(service.publish())
        , client(QDBusConnection::connectToBus(QDBusConnection::SessionBus, QStringLiteral("client")))
        , proxy(std::make_unique<OrgQubesUsbApplet1Interface>(Service::name, Service::path, client))
        , manager(std::make_unique<OrgFreedesktopDBusObjectManagerInterface>(Service::name, Service::path, client))
    {
    }
    ~Published()
    {
        proxy.reset();
        manager.reset();
        QDBusConnection::disconnectFromBus(QStringLiteral("client"));
        QDBusConnection::sessionBus().unregisterService(Service::name);
    }
    QTemporaryDir folder;
    memory::Settings settings;
    control::Operations operations;
    Service service;
    bool isPublished;
    QDBusConnection client;
    std::unique_ptr<OrgQubesUsbApplet1Interface> proxy;
    std::unique_ptr<OrgFreedesktopDBusObjectManagerInterface> manager;
};

/// Waits for an answer without blocking the service, which lives on this thread.
template <typename Pending>
QDBusMessage answerOf(Pending pending)
{
    const QDBusPendingCallWatcher watcher(pending);
    testing::eventually([&] { return watcher.isFinished(); });
    return watcher.reply();
}

QVariantMap propertiesOf(const Published &published, const QString &path, const QString &interface)
{
    auto call = QDBusMessage::createMethodCall(Service::name, path, QStringLiteral("org.freedesktop.DBus.Properties"),
                                               QStringLiteral("GetAll"));
    call << interface;
    return qdbus_cast<QVariantMap>(answerOf(published.client.asyncCall(call)).arguments().value(0));
}

} // namespace

class TestService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void properties();
    void attachAnswersWhenDone();
    void detachAndMove();
    void failuresAreTyped();
    void moveTellsBothFacts();
    void askFirst();
    void rules();
    void startsAndDisposables();
    void cancel();
    void callsBeforeTheFirstReading();
    void callsWithoutAServer();
    void badOptions_data();
    void badOptions();
    void badArguments_data();
    void badArguments();
    void devicesAreObjects();
    void signalsOfDevices();
    void propertiesChanged();
    void connectionIsTold();
    void hostileTextIsPlain();
    void refreshAndWindow();
    void onlyOneInstance();
    void introspection();
    void clientGoesAwayWhileWaiting();

public Q_SLOTS:
    void onChanged(const QString &, const QVariantMap &changed, const QStringList &) { m_changes.append(changed); }

private:
    QList<QVariantMap> m_changes;
};

void TestService::properties()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const QVariantMap all = propertiesOf(published, Service::path, Service::name);
    QCOMPARE(all.value(QStringLiteral("Version")).toString(), version);
    QCOMPARE(all.value(QStringLiteral("Connected")).toBool(), true);
    QCOMPARE(all.value(QStringLiteral("Backends")).toStringList(), QStringList{QStringLiteral("sys-usb")});
}

void TestService::attachAnswersWhenDone()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QSignalSpy attached(published.proxy.get(), &OrgQubesUsbApplet1Interface::DeviceAttached);
    stage.dom0.hold("admin.vm.device.usb.Attach");
    const QDBusPendingCallWatcher pending(
        published.proxy->Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work")));
    EVENTUALLY(stage.dom0.heldCalls("admin.vm.device.usb.Attach") == 1);
    // Others are answered meanwhile.
    QCOMPARE(answerOf(published.proxy->Refresh()).type(), QDBusMessage::ReplyMessage);
    QVERIFY(!pending.isFinished());
    stage.dom0.release("admin.vm.device.usb.Attach");
    EVENTUALLY(pending.isFinished());
    QVERIFY2(!pending.isError(), qPrintable(pending.error().message()));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:work"));
    EVENTUALLY(attached.size() == 1);
    QCOMPARE(attached.front(),
             (QVariantList{QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work")}));
}

void TestService::detachAndMove()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QSignalSpy detached(published.proxy.get(), &OrgQubesUsbApplet1Interface::DeviceDetached);
    const QString usb = QStringLiteral("sys-usb");
    const QString port = QStringLiteral("2-1");
    QCOMPARE(answerOf(published.proxy->Move(usb, port, QStringLiteral("personal"))).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:personal"));
    QCOMPARE(answerOf(published.proxy->Detach(usb, port)).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    EVENTUALLY(detached.size() == 2);
}

void TestService::failuresAreTyped()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QSignalSpy failed(published.proxy.get(), &OrgQubesUsbApplet1Interface::OperationFailed);
    stage.dom0.scriptReply("admin.vm.device.usb.Attach",
                           FakeDom0::exception("USBProxyNotInstalled", "qubes-usb-proxy not installed in the VM"));
    const QDBusMessage answer =
        answerOf(published.proxy->Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work")));
    QCOMPARE(answer.errorName(), QStringLiteral("org.qubes.UsbApplet1.Error.ProxyMissing"));
    for (const char *const part : {"sys-usb:2-1", "work", "qubes-usb-proxy"})
        QVERIFY2(answer.errorMessage().contains(QLatin1String(part)), qPrintable(answer.errorMessage()));
    EVENTUALLY(failed.size() == 1);
    QCOMPARE(failed.front().at(3).toString(), answer.errorName());
}

void TestService::moveTellsBothFacts()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    stage.dom0.scriptReply("admin.vm.device.usb.Attach",
                           FakeDom0::exception("QubesUSBException", "Device attach failed: x"));
    const QDBusMessage answer =
        answerOf(published.proxy->Move(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("personal")));
    QCOMPARE(answer.errorName(), QStringLiteral("org.qubes.UsbApplet1.Error.AttachFailed"));
    QVERIFY2(answer.errorMessage().contains(QStringLiteral("to personal")), qPrintable(answer.errorMessage()));
    QVERIFY2(answer.errorMessage().contains(QStringLiteral("given back to work")), qPrintable(answer.errorMessage()));
}

/// What the menu asks, a caller has to ask, too.
void TestService::askFirst()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const QString usb = QStringLiteral("sys-usb");
    const QString keyboard = QStringLiteral("1-1.4");
    const QString work = QStringLiteral("work");
    const QString automatic = QStringLiteral("automatic");
    const QVariantMap none;
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    const QList<QDBusMessage> answers = {
        answerOf(published.proxy->Attach(usb, keyboard, work)),
        answerOf(published.proxy->Attach(usb, keyboard, work, none)),
        answerOf(published.proxy->Move(usb, keyboard, work)),
        answerOf(published.proxy->Move(usb, keyboard, work, none)),
        answerOf(published.proxy->StartAndAttach(usb, keyboard, QStringLiteral("vault"), none)),
        answerOf(published.proxy->AttachToDisposable(usb, keyboard, work, none)),
        answerOf(published.proxy->SetRule(usb, keyboard, work, QStringLiteral("port"), automatic, none))};
    for (const QDBusMessage &answer : answers) {
        QCOMPARE(answer.errorName(), QStringLiteral("org.qubes.UsbApplet1.Error.NeedsConfirmation"));
        QVERIFY2(answer.errorMessage().contains(QStringLiteral("forge")), qPrintable(answer.errorMessage()));
        QCOMPARE(answer.arguments().value(1).toStringList(), QStringList{QStringLiteral("input-device")});
    }
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Attach"), 0);
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Assign"), 0);

    const auto confirmed = [](const char *code) {
        return QVariantMap{{QStringLiteral("confirmed"), QStringList{QString::fromLatin1(code)}}};
    };
    // Another answer than that to the question is none.
    QCOMPARE(answerOf(published.proxy->Attach(usb, keyboard, work, confirmed("unknown-interfaces"))).errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.NeedsConfirmation"));
    QCOMPARE(answerOf(published.proxy->Attach(usb, keyboard, work, confirmed("input-device"))).type(),
             QDBusMessage::ReplyMessage);
    QCOMPARE(stage.state("sys-usb", "1-1.4"), QStringLiteral("attached:work"));
    // To detach is no question.
    QCOMPARE(answerOf(published.proxy->Detach(usb, keyboard)).type(), QDBusMessage::ReplyMessage);
}

void TestService::rules()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:*", "auto-attach"); // made by others, and not read so far
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const QString usb = QStringLiteral("sys-usb");
    const QString port = QStringLiteral("2-1");
    const QString work = QStringLiteral("work");
    QCOMPARE(
        answerOf(published.proxy->SetRule(usb, port, work, QStringLiteral("device"), QStringLiteral("ask"), {})).type(),
        QDBusMessage::ReplyMessage);
    const auto &rules = stage.row("sys-usb", "2-1")->assignments;
    QCOMPARE(rules.size(), 1);
    QCOMPARE(rules.front().mode, AssignMode::Ask);
    QVERIFY(!rules.front().port);
    QCOMPARE(answerOf(published.proxy->RemoveRules(usb, port, work)).type(), QDBusMessage::ReplyMessage);
    QVERIFY(stage.row("sys-usb", "2-1")->assignments.isEmpty());
    QCOMPARE(answerOf(published.proxy->RemoveRules(usb, port, work)).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(answerOf(published.proxy->RemoveRules(usb, QStringLiteral("9-9"), work)).errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.NoSuchDevice"));
    stage.dom0.scriptReply("admin.vm.device.usb.Assign", FakeDom0::exception("QubesException", "no"));
    const QDBusMessage refused =
        answerOf(published.proxy->SetRule(usb, port, work, QStringLiteral("port"), QStringLiteral("automatic"), {}));
    QCOMPARE(refused.type(), QDBusMessage::ErrorMessage);
    QVERIFY2(refused.errorMessage().contains(QStringLiteral("rule")), qPrintable(refused.errorMessage()));
    QCOMPARE(answerOf(published.proxy->SetRule(usb, port, work, QStringLiteral("all"), QStringLiteral("ask"), {}))
                 .errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.Invalid"));
}

void TestService::startsAndDisposables()
{
    Stage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube dvm;
    dvm.state = "Halted";
    dvm.disposableTemplate = true;
    stage.dom0.add("default-dvm", dvm);
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const QString usb = QStringLiteral("sys-usb");
    const QString port = QStringLiteral("2-1");
    const QDBusMessage made =
        answerOf(published.proxy->AttachToDisposable(usb, port, QStringLiteral("default-dvm"), {}));
    QVERIFY2(made.type() == QDBusMessage::ReplyMessage, qPrintable(made.errorMessage()));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:") + made.arguments().value(0).toString());
    QVERIFY(made.arguments().value(0).toString().startsWith(QStringLiteral("disp")));
    QCOMPARE(answerOf(published.proxy->StartAndAttach(usb, port, QStringLiteral("vault"), {})).type(),
             QDBusMessage::ReplyMessage);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:vault"));
    stage.dom0.setState("personal", "Halted");
    EVENTUALLY(stage.model.qube(Stage::qube("personal"))->isHalted());
    QCOMPARE(answerOf(published.proxy->StartQube(QStringLiteral("personal"))).type(), QDBusMessage::ReplyMessage);
    EVENTUALLY(stage.model.qube(Stage::qube("personal"))->isRunning()); // the list follows
    QCOMPARE(answerOf(published.proxy->StartQube(QStringLiteral("no-such"))).errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.NoSuchQube"));
}

void TestService::cancel()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const QString usb = QStringLiteral("sys-usb");
    const QString port = QStringLiteral("2-1");
    QCOMPARE(answerOf(published.proxy->Cancel(usb, port)).errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.Invalid"));
    stage.dom0.hold("admin.vm.device.usb.Attach");
    const QDBusPendingCallWatcher pending(published.proxy->Attach(usb, port, QStringLiteral("work")));
    EVENTUALLY(stage.dom0.heldCalls("admin.vm.device.usb.Attach") == 1);
    QCOMPARE(answerOf(published.proxy->Cancel(usb, port)).type(), QDBusMessage::ReplyMessage);
    EVENTUALLY(pending.isFinished());
    QCOMPARE(pending.error().name(), QStringLiteral("org.qubes.UsbApplet1.Error.Cancelled"));
}

/// As those of a client that has started the applet by calling it.
void TestService::callsBeforeTheFirstReading()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.hold("admin.vm.List");
    Published published(stage);
    QVERIFY(published.isPublished);
    const QDBusPendingCallWatcher objects(published.manager->GetManagedObjects());
    const QDBusPendingCallWatcher attach(
        published.proxy->Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work")));
    QVERIFY(stage.qubesd.start());
    stage.model.start();
    EVENTUALLY(stage.dom0.heldCalls("admin.vm.List") == 1);
    const auto isReady = [&] {
        return propertiesOf(published, Service::path, Service::name).value(QStringLiteral("Ready")).toBool();
    };
    QVERIFY(!isReady());
    QVERIFY(!objects.isFinished());
    QVERIFY(!attach.isFinished());
    stage.dom0.release("admin.vm.List");
    EVENTUALLY(objects.isFinished() && attach.isFinished());
    QVERIFY2(!attach.isError(), qPrintable(attach.error().message()));
    QCOMPARE(qdbus_cast<dbus::ManagedObjects>(objects.reply().arguments().value(0)).size(), 2);
    QVERIFY(isReady());
}

void TestService::callsWithoutAServer()
{
    Stage stage;
    Published published(stage);
    QVERIFY(published.isPublished);
    stage.model.start(); // there is no socket
    const QDBusMessage answer =
        answerOf(published.proxy->Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work")));
    QCOMPARE(answer.errorName(), QStringLiteral("org.qubes.UsbApplet1.Error.Unreachable"));
    QCOMPARE(answerOf(published.manager->GetManagedObjects()).type(), QDBusMessage::ReplyMessage);
}

void TestService::badOptions_data()
{
    QTest::addColumn<QVariantMap>("options");
    QTest::newRow("unknown option") << QVariantMap{{QStringLiteral("force"), true}};
    QTest::newRow("unknown code") << QVariantMap{
        {QStringLiteral("confirmed"), QStringList{QStringLiteral("everything")}}};
}

void TestService::badOptions()
{
    QFETCH(const QVariantMap, options);
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QCOMPARE(answerOf(published.proxy->Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work"),
                                              options))
                 .errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.Invalid"));
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Attach"), 0);
}

void TestService::badArguments_data()
{
    QTest::addColumn<QString>("backend");
    QTest::addColumn<QString>("port");
    QTest::addColumn<QString>("qube");
    QTest::addColumn<QString>("error");
    const QString usb = QStringLiteral("sys-usb");
    const QString work = QStringLiteral("work");
    QTest::newRow("backend") << QStringLiteral("../x") << QStringLiteral("2-1") << work << QStringLiteral("Invalid");
    QTest::newRow("port") << usb << QStringLiteral("2-1\n") << work << QStringLiteral("Invalid");
    QTest::newRow("qube") << usb << QStringLiteral("2-1") << QStringLiteral("@adminvm") << QStringLiteral("Invalid");
    QTest::newRow("dom0") << usb << QStringLiteral("2-1") << QStringLiteral("dom0") << QStringLiteral("Invalid");
    QTest::newRow("itself") << usb << QStringLiteral("2-1") << usb << QStringLiteral("Invalid");
    QTest::newRow("no such qube") << usb << QStringLiteral("2-1") << QStringLiteral("no")
                                  << QStringLiteral("NoSuchQube");
    QTest::newRow("no such device") << usb << QStringLiteral("9-9") << work << QStringLiteral("NoSuchDevice");
}

void TestService::badArguments()
{
    QFETCH(QString, backend);
    QFETCH(QString, port);
    QFETCH(QString, qube);
    QFETCH(QString, error);
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QCOMPARE(answerOf(published.proxy->Attach(backend, port, qube)).errorName(),
             QStringLiteral("org.qubes.UsbApplet1.Error.") + error);
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Attach"), 0);
}

void TestService::devicesAreObjects()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:*", "auto-attach");
    QVERIFY(stage.run());
    stage.model.lookIfOld();
    EVENTUALLY(!stage.row("sys-usb", "2-1")->assignments.isEmpty());
    Published published(stage);
    QVERIFY(published.isPublished);
    const auto objects =
        qdbus_cast<dbus::ManagedObjects>(answerOf(published.manager->GetManagedObjects()).arguments().value(0));
    QCOMPARE(objects.size(), 2);
    QVariantMap stick;
    QString path;
    for (auto it = objects.cbegin(); it != objects.cend(); ++it) {
        QVERIFY(it.key().path().startsWith(QStringLiteral("/org/qubes/UsbApplet1/device/")));
        const QVariantMap map = it->value(QStringLiteral("org.qubes.UsbApplet1.Device"));
        if (map.value(QStringLiteral("Port")).toString() == QStringLiteral("2-1")) {
            stick = map;
            path = it.key().path();
        }
    }
    const auto text = [&](const char *key) { return stick.value(QString::fromLatin1(key)).toString(); };
    QCOMPARE(text("Backend"), QStringLiteral("sys-usb"));
    QCOMPARE(text("DeviceId"), QStringLiteral("0951:1666"));
    QCOMPARE(text("Name"), QStringLiteral("DataTraveler (Kingston Technology)"));
    QCOMPARE(text("Vendor"), QStringLiteral("Kingston Technology"));
    QCOMPARE(text("Product"), QStringLiteral("DataTraveler"));
    QCOMPARE(text("Serial"), QStringLiteral("S1"));
    QCOMPARE(text("Description"), QStringLiteral("USB Storage: Kingston Technology DataTraveler"));
    QCOMPARE(text("Category"), QStringLiteral("storage"));
    QCOMPARE(text("State"), QStringLiteral("free"));
    QCOMPARE(text("AttachedTo"), QString());
    QCOMPARE(stick.value(QStringLiteral("Interfaces")).toStringList(), QStringList{QStringLiteral("u080650")});
    const auto assigned = qdbus_cast<dbus::StringMap>(stick.value(QStringLiteral("AssignedTo")));
    QCOMPARE(assigned, (dbus::StringMap{{QStringLiteral("work"), QStringLiteral("automatic")}}));
    // The object itself says the same.
    QCOMPARE(
        propertiesOf(published, path, QStringLiteral("org.qubes.UsbApplet1.Device")).value(QStringLiteral("Serial")),
        stick.value(QStringLiteral("Serial")));
}

void TestService::signalsOfDevices()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QSignalSpy added(published.proxy.get(), &OrgQubesUsbApplet1Interface::DeviceAdded);
    QSignalSpy removed(published.proxy.get(), &OrgQubesUsbApplet1Interface::DeviceRemoved);
    QSignalSpy interfacesAdded(published.manager.get(), &OrgFreedesktopDBusObjectManagerInterface::InterfacesAdded);
    QSignalSpy interfacesRemoved(published.manager.get(), &OrgFreedesktopDBusObjectManagerInterface::InterfacesRemoved);
    stage.dom0.plug("sys-usb", "3-1", {});
    EVENTUALLY(added.size() == 1 && interfacesAdded.size() == 1);
    QCOMPARE(added.front().at(1).toString(), QStringLiteral("3-1"));
    QCOMPARE(added.front().at(2).toMap().value(QStringLiteral("DeviceId")).toString(), QStringLiteral("0951:1666"));
    stage.dom0.unplug("sys-usb", "3-1");
    EVENTUALLY(removed.size() == 1 && interfacesRemoved.size() == 1);
    QCOMPARE(interfacesRemoved.front().at(0), interfacesAdded.front().at(0));
    // Swapped while it is attached: the old one is detached and removed, then the new one comes, with a name of its
    // own.
    QSignalSpy detached(published.proxy.get(), &OrgQubesUsbApplet1Interface::DeviceDetached);
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    stage.dom0.plug("sys-usb", "2-1", {"dead:beef:EVIL:u080650", "Evil", "Stick", "Evil", {}});
    EVENTUALLY(added.size() == 2 && removed.size() == 2 && detached.size() == 1);
    QCOMPARE(detached.front().at(2).toString(), QStringLiteral("work"));
    QCOMPARE(added.back().at(2).toMap().value(QStringLiteral("Product")).toString(), QStringLiteral("Stick"));
}

void TestService::propertiesChanged()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const auto objects =
        qdbus_cast<dbus::ManagedObjects>(answerOf(published.manager->GetManagedObjects()).arguments().value(0));
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    QString path;
    for (auto it = objects.cbegin(); it != objects.cend(); ++it) {
        if (it->first().value(QStringLiteral("Port")).toString() == QStringLiteral("2-1"))
            path = it.key().path();
    }
    m_changes.clear();
    QVERIFY(published.client.connect(Service::name, path, QStringLiteral("org.freedesktop.DBus.Properties"),
                                     QStringLiteral("PropertiesChanged"), this,
                                     SLOT(onChanged(QString, QVariantMap, QStringList))));
    QCOMPARE(answerOf(published.proxy->Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work")))
                 .type(),
             QDBusMessage::ReplyMessage);
    EVENTUALLY(m_changes.size() >= 2);
    QCOMPARE(m_changes.front().value(QStringLiteral("State")).toString(), QStringLiteral("attaching"));
    EVENTUALLY(m_changes.back().value(QStringLiteral("State")).toString() == QStringLiteral("attached"));
    bool told = false;
    for (const QVariantMap &change : std::as_const(m_changes)) {
        told |= change.value(QStringLiteral("AttachedTo")).toString() == QStringLiteral("work");
        QVERIFY(!change.contains(QStringLiteral("Serial"))); // only what is different
    }
    QVERIFY(told);
    QVERIFY(stage.model.device(stick));
}

void TestService::connectionIsTold()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    m_changes.clear();
    QVERIFY(published.client.connect(Service::name, Service::path, QStringLiteral("org.freedesktop.DBus.Properties"),
                                     QStringLiteral("PropertiesChanged"), this,
                                     SLOT(onChanged(QString, QVariantMap, QStringList))));
    // So that the bus knows of our wish before the change comes.
    QCOMPARE(answerOf(published.proxy->Refresh()).type(), QDBusMessage::ReplyMessage);
    const auto told = [this](bool connected) {
        return std::any_of(m_changes.begin(), m_changes.end(), [connected](const QVariantMap &change) {
            return change.value(QStringLiteral("Connected")) == QVariant(connected);
        });
    };
    stage.qubesd.stop();
    EVENTUALLY(told(false));
    QVERIFY(!told(true));
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(told(true));
}

void TestService::hostileTextIsPlain()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices.insert(
        "7-1", {"0951:1666:" + QByteArray(4096, 'S') + ":u080650", "<b>&amp;</b>", "%s%n \"it's\"", "", {}});
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const auto objects =
        qdbus_cast<dbus::ManagedObjects>(answerOf(published.manager->GetManagedObjects()).arguments().value(0));
    QCOMPARE(objects.size(), 3);
    bool seen = false;
    for (const dbus::Interfaces &interfaces : objects) {
        const QVariantMap &map = interfaces.first();
        if (map.value(QStringLiteral("Port")).toString() != QStringLiteral("7-1"))
            continue;
        seen = true;
        QCOMPARE(map.value(QStringLiteral("Vendor")).toString(), QStringLiteral("<b>&amp;</b>"));
        QCOMPARE(map.value(QStringLiteral("Product")).toString(), QStringLiteral("%s%n \"it's\""));
        QVERIFY(map.value(QStringLiteral("Serial")).toString().size() <= PlainText::defaultLimit);
    }
    QVERIFY(seen);
}

void TestService::refreshAndWindow()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    QSignalSpy window(&published.service, &Service::windowRequested);
    QCOMPARE(answerOf(published.proxy->ShowWindow()).type(), QDBusMessage::ReplyMessage);
    QCOMPARE(window.size(), 1);
    stage.dom0.forgetCalls();
    QCOMPARE(answerOf(published.proxy->Refresh()).type(), QDBusMessage::ReplyMessage);
    EVENTUALLY(stage.dom0.count("admin.vm.List") == 1 && stage.dom0.count("admin.vm.device.usb.Available") >= 3);
}

void TestService::onlyOneInstance()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    auto other = QDBusConnection::connectToBus(QDBusConnection::SessionBus, QStringLiteral("other"));
    {
        Service second(other, &stage.model, &published.operations, version);
        QVERIFY(!second.publish());
    }
    QDBusConnection::disconnectFromBus(QStringLiteral("other"));
}

/// What is on the bus is what the XML says.
void TestService::introspection()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    const QDBusMessage call = QDBusMessage::createMethodCall(Service::name, Service::path,
                                                             QStringLiteral("org.freedesktop.DBus.Introspectable"),
                                                             QStringLiteral("Introspect"));
    const QString xml = answerOf(published.client.asyncCall(call)).arguments().value(0).toString();
    for (const char *const part :
         {"org.qubes.UsbApplet1", "org.freedesktop.DBus.ObjectManager", "\"Attach\"", "\"Detach\"", "\"Move\"",
          "\"Refresh\"", "\"ShowWindow\"", "\"Version\"", "\"Connected\"", "\"Backends\"", "\"DeviceAdded\"",
          "\"DeviceRemoved\"", "\"DeviceAttached\"", "\"DeviceDetached\"", "\"OperationFailed\"",
          "node name=\"device\""})
        QVERIFY2(xml.contains(QLatin1String(part)), part);
}

void TestService::clientGoesAwayWhileWaiting()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Published published(stage);
    QVERIFY(published.isPublished);
    stage.dom0.hold("admin.vm.device.usb.Attach");
    {
        auto brief = QDBusConnection::connectToBus(QDBusConnection::SessionBus, QStringLiteral("brief"));
        OrgQubesUsbApplet1Interface proxy(Service::name, Service::path, brief);
        proxy.Attach(QStringLiteral("sys-usb"), QStringLiteral("2-1"), QStringLiteral("work"));
        EVENTUALLY(stage.dom0.heldCalls("admin.vm.device.usb.Attach") == 1);
    }
    QDBusConnection::disconnectFromBus(QStringLiteral("brief"));
    stage.dom0.release("admin.vm.device.usb.Attach");
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
}

QTEST_GUILESS_MAIN(TestService)
#include "tst_service.moc"
