// SPDX-License-Identifier: GPL-2.0-or-later
// The program itself, as a process. Runs on a bus of its own (see CMakeLists.txt).
#include "stage.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusReply>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>

#include <csignal>

using testing::FakeDom0;
using testing::FakeQubesd;

namespace {

const QString busName = QStringLiteral("org.qubes.UsbApplet1");
const QString busPath = QStringLiteral("/org/qubes/UsbApplet1");

/// The program with a home of its own.
class Applet : public QProcess
{
public:
    explicit Applet(const QStringList &arguments)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("HOME"), home.path());
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"), home.path());
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        setProcessEnvironment(environment);
        setProcessChannelMode(QProcess::ForwardedErrorChannel);
        start(QStringLiteral(APPLET), arguments);
    }
    ~Applet() override
    {
        if (state() != NotRunning)
            kill();
        waitForFinished();
    }
    bool ends()
    {
        return testing::eventually([this] { return state() == NotRunning; });
    }

    QTemporaryDir home;
};

bool isOnBus()
{
    return QDBusConnection::sessionBus().interface()->isServiceRegistered(busName);
}

QVariant onBus(const QString &name)
{
    QDBusMessage get = QDBusMessage::createMethodCall(
        busName, busPath, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    get << busName << name;
    const QDBusReply<QDBusVariant> reply = QDBusConnection::sessionBus().call(get);
    return reply.isValid() ? reply.value().variant() : QVariant();
}

} // namespace

class TestProgram : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void versionAndHelp();
    void nonsense();
    void helpInGerman();
    void worksAndEndsInOrder();
    void secondInstanceShowsTheWindow();
    void startsBeforeQubesd();
    void endsAtInterrupt();
};

void TestProgram::versionAndHelp()
{
    Applet version({QStringLiteral("--version")});
    QVERIFY(version.ends());
    QCOMPARE(version.exitCode(), 0);
    QVERIFY(version.readAllStandardOutput().startsWith("qubes-usb-applet "));
    Applet help({QStringLiteral("--help")});
    QVERIFY(help.ends());
    QCOMPARE(help.exitCode(), 0);
    const QByteArray text = help.readAllStandardOutput();
    for (const char *const option : {"--window", "--background", "--transport", "--socket", "--version", "--help"})
        QVERIFY2(text.contains(option), option);
}

void TestProgram::nonsense()
{
    Applet applet({QStringLiteral("--nonsense")});
    QVERIFY(applet.ends());
    QCOMPARE(applet.exitCode(), 2);
    QVERIFY(applet.readAllStandardOutput().isEmpty());
}

void TestProgram::helpInGerman()
{
    qputenv("LC_ALL", "de_DE.UTF-8");
    Applet help({QStringLiteral("--help")});
    qputenv("LC_ALL", "C.UTF-8");
    QVERIFY(help.ends());
    QVERIFY(help.readAllStandardOutput().startsWith("Aufruf: qubes-usb-applet"));
}

void TestProgram::worksAndEndsInOrder()
{
    FakeDom0 dom0;
    dom0.addUsual();
    FakeQubesd qubesd(&dom0);
    QVERIFY(qubesd.start());
    Applet applet({QStringLiteral("--socket"), qubesd.socketPath()});
    EVENTUALLY(isOnBus() && onBus(QStringLiteral("Backends")).toStringList() == QStringList{"sys-usb"});
    QCOMPARE(onBus(QStringLiteral("Connected")).toBool(), true);

    QDBusMessage attach = QDBusMessage::createMethodCall(busName, busPath, busName, QStringLiteral("Attach"));
    attach << QStringLiteral("sys-usb") << QStringLiteral("2-1") << QStringLiteral("work");
    const QDBusPendingCall call = QDBusConnection::sessionBus().asyncCall(attach);
    EVENTUALLY(call.isFinished());
    QVERIFY2(!call.isError(), call.error().message().toUtf8().constData());
    QCOMPARE(dom0.qube("sys-usb").devices.value("2-1").attachedTo, QByteArray("work"));

    dom0.setState("sys-usb", "Halted"); // still a backend: it can be started
    EVENTUALLY(dom0.qube("sys-usb").state == "Halted");
    EVENTUALLY(onBus(QStringLiteral("Backends")).toStringList() == QStringList{"sys-usb"});

    applet.terminate();
    QVERIFY(applet.ends());
    QCOMPARE(applet.exitStatus(), QProcess::NormalExit);
    QCOMPARE(applet.exitCode(), 0);
    QVERIFY(!isOnBus());
    QSettings settings(applet.home.filePath(QStringLiteral("qubes-usb-applet/applet.ini")), QSettings::IniFormat);
    QCOMPARE(settings.value(QStringLiteral("devices/backends")).toStringList(), QStringList{"sys-usb"});
}

void TestProgram::secondInstanceShowsTheWindow()
{
    FakeDom0 dom0;
    dom0.addUsual();
    FakeQubesd qubesd(&dom0);
    QVERIFY(qubesd.start());
    const QStringList arguments{QStringLiteral("--socket"), qubesd.socketPath()};
    Applet first(arguments);
    EVENTUALLY(isOnBus());
    EVENTUALLY(dom0.eventStreams == 1);
    Applet second(arguments);
    QVERIFY(second.ends());
    QCOMPARE(second.exitCode(), 0);
    Applet quiet(arguments + QStringList{QStringLiteral("--background")});
    QVERIFY(quiet.ends());
    QCOMPARE(quiet.exitCode(), 0);
    QCOMPARE(dom0.eventStreams, 1); // only the first talks to Qubes
    QCOMPARE(first.state(), QProcess::Running);
    first.terminate();
    QVERIFY(first.ends());
}

void TestProgram::startsBeforeQubesd()
{
    FakeDom0 dom0;
    dom0.addUsual();
    FakeQubesd qubesd(&dom0);
    Applet applet({QStringLiteral("--socket"), qubesd.socketPath()});
    EVENTUALLY(isOnBus());
    QCOMPARE(onBus(QStringLiteral("Connected")).toBool(), false);
    QVERIFY(qubesd.start());
    EVENTUALLY(onBus(QStringLiteral("Backends")).toStringList() == QStringList{"sys-usb"});
    applet.terminate();
    QVERIFY(applet.ends());
    QCOMPARE(applet.exitCode(), 0);
}

void TestProgram::endsAtInterrupt()
{
    Applet applet({QStringLiteral("--socket"), QStringLiteral("/nonexistent"), QStringLiteral("--window")});
    EVENTUALLY(isOnBus());
    ::kill(static_cast<pid_t>(applet.processId()), SIGINT);
    QVERIFY(applet.ends());
    QCOMPARE(applet.exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_appletprogram.moc"
