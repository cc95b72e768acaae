// SPDX-License-Identifier: GPL-2.0-or-later
// Whether there is a tray, on a platform without a screen. Runs on a bus of its own (see CMakeLists.txt).
#include "stage.h"

#include "ui/traywatch.h"

#include <QDBusConnection>
#include <QSignalSpy>
#include <QTest>

using ui::TrayWatch;

namespace {

const QString watcherName = QStringLiteral("org.kde.StatusNotifierWatcher");

/// Long enough for what comes over the bus, and short for a test.
constexpr TrayWatch::Timing quick{std::chrono::milliseconds(300), std::chrono::milliseconds(20)};

} // namespace

/// Stand-in for a panel's StatusNotifierWatcher: the one property that is asked.
class FakeWatcher : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.kde.StatusNotifierWatcher")
    Q_PROPERTY(bool IsStatusNotifierHostRegistered READ hasHost)
public:
    explicit FakeWatcher(bool hasHost)
        : m_hasHost(hasHost)
        , m_bus(QDBusConnection::connectToBus(QDBusConnection::SessionBus, QStringLiteral("panel")))
    {
        m_bus.registerObject(QStringLiteral("/StatusNotifierWatcher"), this, QDBusConnection::ExportAllContents);
        m_bus.registerService(watcherName);
    }
    ~FakeWatcher() override
    {
        m_bus.unregisterService(watcherName);
        QDBusConnection::disconnectFromBus(QStringLiteral("panel"));
    }
    bool hasHost() const { return m_hasHost; }

private:
    bool m_hasHost;
    QDBusConnection m_bus;
};

class TestTrayWatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void withoutTray();
    void host();
    void watcherWithoutHost();
    void hostComesLater();
};

void TestTrayWatch::withoutTray()
{
    TrayWatch watch(QDBusConnection::sessionBus(), quick);
    QSignalSpy nothing(&watch, &TrayWatch::nothingFound);
    watch.start();
    EVENTUALLY(nothing.size() == 1);
    QCOMPARE(watch.kind(), TrayWatch::Kind::None);
}

void TestTrayWatch::host()
{
    const FakeWatcher panel(true);
    TrayWatch watch(QDBusConnection::sessionBus(), {});
    QSignalSpy found(&watch, &TrayWatch::found);
    watch.start();
    EVENTUALLY(found.size() == 1);
    QCOMPARE(watch.kind(), TrayWatch::Kind::StatusNotifier);
}

void TestTrayWatch::watcherWithoutHost()
{
    const FakeWatcher panel(false);
    TrayWatch watch(QDBusConnection::sessionBus(), quick);
    QSignalSpy nothing(&watch, &TrayWatch::nothingFound);
    watch.start();
    EVENTUALLY(nothing.size() == 1);
    QCOMPARE(watch.kind(), TrayWatch::Kind::None);
}

void TestTrayWatch::hostComesLater()
{
    TrayWatch watch(QDBusConnection::sessionBus(), quick);
    QSignalSpy nothing(&watch, &TrayWatch::nothingFound);
    QSignalSpy found(&watch, &TrayWatch::found);
    watch.start();
    EVENTUALLY(nothing.size() == 1);
    const FakeWatcher panel(true);
    EVENTUALLY(found.size() == 1);
    QCOMPARE(watch.kind(), TrayWatch::Kind::StatusNotifier);
}

QTEST_MAIN(TestTrayWatch)
#include "tst_traywatch.moc"
