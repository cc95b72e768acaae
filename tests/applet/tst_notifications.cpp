// SPDX-License-Identifier: GPL-2.0-or-later
// The client of org.freedesktop.Notifications, at a fake service. Runs on a bus of its own (see CMakeLists.txt).
#include "fakenotifications.h"
#include "stage.h"

#include "dbus/notificationclient.h"

#include <QSignalSpy>
#include <QTest>

using dbus::Notification;
using dbus::NotificationClient;
using testing::FakeNotifications;
using CloseReason = NotificationClient::CloseReason;

namespace {

const QStringList allCapabilities = {QStringLiteral("actions"), QStringLiteral("body"), QStringLiteral("body-markup")};

Notification simple(const QString &summary)
{
    return Notification{summary, QStringLiteral("body"), {}, {{QStringLiteral("retry"), QStringLiteral("Retry")}}};
}

} // namespace

class TestNotifications : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
        m_client = std::make_unique<NotificationClient>(QDBusConnection::sessionBus(), QStringLiteral("applet"));
    }
    void cleanup() { m_client.reset(); }

    void shows();
    void replaces();
    void replacedBeforeItIsShown();
    void actions();
    void closedByUser();
    void closedByUs();
    void closedBeforeItIsShown();
    void markupIsEscapedOnlyWhereItIsRead_data();
    void markupIsEscapedOnlyWhereItIsRead();
    void noActionsWhereThereAreNone();
    void noServer();
    void replacedBeforeItFails();
    void serverVanishes();
    void anotherServer();

private:
    std::unique_ptr<NotificationClient> m_client;
    NotificationClient::Handle m_handle = 0;
};

void TestNotifications::shows()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    Notification notification = simple(QStringLiteral("plugged in"));
    notification.urgency = Notification::Urgency::Critical;
    notification.transient = true;
    notification.timeout = 5000;
    const auto handle = m_client->show(notification);
    QVERIFY(m_client->isShown(handle));
    EVENTUALLY(server.shown.size() == 1);
    const auto &shown = server.shown.front();
    QCOMPARE(shown.application, QStringLiteral("applet"));
    QCOMPARE(shown.summary, QStringLiteral("plugged in"));
    QCOMPARE(shown.actions, (QStringList{QStringLiteral("retry"), QStringLiteral("Retry")}));
    QCOMPARE(shown.hints.value(QStringLiteral("urgency")).toInt(), 2);
    QCOMPARE(shown.hints.value(QStringLiteral("transient")).toBool(), true);
    QCOMPARE(shown.timeout, 5000);
    QVERIFY(m_client->hasActions());
}

void TestNotifications::replaces()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    const auto first = m_client->show(simple(QStringLiteral("attaching")));
    EVENTUALLY(server.shown.size() == 1);
    EVENTUALLY(m_client->isShown(first));
    QCOMPARE(m_client->show(simple(QStringLiteral("attached")), first), first);
    EVENTUALLY(server.shown.size() == 2);
    QCOMPARE(server.shown.at(1).replaces, server.shown.at(0).id);
    QVERIFY(m_client->show(simple(QStringLiteral("another")), 4711) != first);
    EVENTUALLY(server.shown.size() == 3);
    QCOMPARE(server.shown.at(2).replaces, 0u);
}

/// Three at once for one device: the server gets no more than two, and the last is what stays.
void TestNotifications::replacedBeforeItIsShown()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    const auto handle = m_client->show(simple(QStringLiteral("1")));
    m_client->show(simple(QStringLiteral("2")), handle);
    m_client->show(simple(QStringLiteral("3")), handle);
    EVENTUALLY(!server.shown.isEmpty() && server.shown.back().summary == QStringLiteral("3"));
    QVERIFY(server.shown.size() <= 2);
    for (const auto &shown : std::as_const(server.shown))
        QCOMPARE(shown.id, server.shown.front().id);
}

void TestNotifications::actions()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    QSignalSpy invoked(m_client.get(), &NotificationClient::actionInvoked);
    const auto handle = m_client->show(simple(QStringLiteral("failed")));
    const auto other = m_client->show(simple(QStringLiteral("other")));
    EVENTUALLY(server.shown.size() == 2);
    const uint id = server.shown.at(server.shown.at(0).summary == QStringLiteral("failed") ? 0 : 1).id;
    Q_EMIT server.ActionInvoked(id + 1000, QStringLiteral("of another program"));
    Q_EMIT server.ActivationToken(id, QStringLiteral("token"));
    Q_EMIT server.ActionInvoked(id, QStringLiteral("retry"));
    EVENTUALLY(invoked.size() == 1);
    QCOMPARE(invoked.front(), (QVariantList{handle, QStringLiteral("retry"), QStringLiteral("token")}));
    QVERIFY(m_client->isShown(other));
}

void TestNotifications::closedByUser()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    const QSignalSpy closed(m_client.get(), &NotificationClient::closed);
    const auto handle = m_client->show(simple(QStringLiteral("x")));
    EVENTUALLY(server.shown.size() == 1);
    Q_EMIT server.NotificationClosed(server.shown.front().id, 2);
    EVENTUALLY(closed.size() == 1);
    QCOMPARE(closed.front().at(1).value<CloseReason>(), CloseReason::Dismissed);
    QVERIFY(!m_client->isShown(handle));
    // A new one for the same device is a new one for the server.
    m_client->show(simple(QStringLiteral("y")), handle);
    EVENTUALLY(server.shown.size() == 2);
    QCOMPARE(server.shown.back().replaces, 0u);
}

void TestNotifications::closedByUs()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    QSignalSpy closed(m_client.get(), &NotificationClient::closed);
    QSignalSpy known(m_client.get(), &NotificationClient::capabilitiesKnown);
    const auto handle = m_client->show(simple(QStringLiteral("x")));
    EVENTUALLY(server.shown.size() == 1 && known.size() == 1);
    m_client->close(handle);
    EVENTUALLY(closed.size() == 1);
    QCOMPARE(server.closed, QList<uint>{server.shown.front().id});
}

void TestNotifications::closedBeforeItIsShown()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    QSignalSpy closed(m_client.get(), &NotificationClient::closed);
    const auto handle = m_client->show(simple(QStringLiteral("x")));
    m_client->close(handle);
    EVENTUALLY(closed.size() == 1);
    QVERIFY(!m_client->isShown(handle));
    QVERIFY(server.shown.size() == server.closed.size());
}

void TestNotifications::markupIsEscapedOnlyWhereItIsRead_data()
{
    QTest::addColumn<QStringList>("capabilities");
    QTest::addColumn<QString>("body");
    QTest::newRow("reads markup") << allCapabilities << QStringLiteral("&lt;b&gt;&amp;amp; %s &quot;");
    QTest::newRow("does not") << QStringList{QStringLiteral("body")} << QStringLiteral("<b>&amp; %s \"");
}

void TestNotifications::markupIsEscapedOnlyWhereItIsRead()
{
    QFETCH(QStringList, capabilities);
    QFETCH(QString, body);
    FakeNotifications server(capabilities);
    QVERIFY(server.appear());
    const QString hostile = QStringLiteral("<b>&amp; %s \"");
    m_client->show(Notification{hostile, hostile});
    EVENTUALLY(server.shown.size() == 1);
    QCOMPARE(server.shown.front().body, body);
    QCOMPARE(server.shown.front().summary, hostile); // never markup, by the specification
}

void TestNotifications::noActionsWhereThereAreNone()
{
    FakeNotifications server({QStringLiteral("body")});
    QVERIFY(server.appear());
    m_client->show(simple(QStringLiteral("x")));
    EVENTUALLY(server.shown.size() == 1);
    QVERIFY(server.shown.front().actions.isEmpty());
    QVERIFY(!m_client->hasActions());
}

void TestNotifications::noServer()
{
    QSignalSpy failed(m_client.get(), &NotificationClient::failed);
    const auto handle = m_client->show(simple(QStringLiteral("x")));
    EVENTUALLY(failed.size() == 1);
    QVERIFY(!m_client->isShown(handle));
    m_client->close(handle);
    // It comes later.
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    m_client->show(simple(QStringLiteral("y")));
    EVENTUALLY(server.shown.size() == 1);
    EVENTUALLY(m_client->hasActions());
}

/// The newer one is not lost with the one that could not be shown.
void TestNotifications::replacedBeforeItFails()
{
    FakeNotifications server(allCapabilities);
    server.failures = 1;
    QVERIFY(server.appear());
    // The first one has been sent by then, and its answer is not here.
    connect(m_client.get(), &NotificationClient::capabilitiesKnown, this,
            [this] { QCOMPARE(m_client->show(simple(QStringLiteral("second")), m_handle), m_handle); });
    m_handle = m_client->show(simple(QStringLiteral("first")));
    EVENTUALLY(server.shown.size() == 1);
    QCOMPARE(server.shown.front().summary, QStringLiteral("second"));
    QVERIFY(m_client->isShown(m_handle));
}

void TestNotifications::serverVanishes()
{
    FakeNotifications server(allCapabilities);
    QVERIFY(server.appear());
    const QSignalSpy closed(m_client.get(), &NotificationClient::closed);
    m_client->show(simple(QStringLiteral("x")));
    EVENTUALLY(server.shown.size() == 1);
    server.vanish();
    EVENTUALLY(closed.size() == 1);
    QCOMPARE(closed.front().at(1).value<CloseReason>(), CloseReason::ServerGone);
    QVERIFY(!m_client->hasActions());
}

/// The next server may be another program that can do less; old ids mean nothing to it.
void TestNotifications::anotherServer()
{
    const auto first = [&] {
        FakeNotifications server(allCapabilities);
        if (!server.appear())
            return quint64(0);
        const auto handle = m_client->show(simple(QStringLiteral("x")));
        testing::eventually([&] { return server.shown.size() == 1; });
        return handle;
    }();
    QVERIFY(first != 0);
    EVENTUALLY(!m_client->isShown(first));
    FakeNotifications server({QStringLiteral("body")});
    QVERIFY(server.appear());
    m_client->show(simple(QStringLiteral("y")), first);
    EVENTUALLY(server.shown.size() == 1);
    QCOMPARE(server.shown.front().replaces, 0u);
    QVERIFY(server.shown.front().actions.isEmpty());
}

QTEST_GUILESS_MAIN(TestNotifications)
#include "tst_notifications.moc"
