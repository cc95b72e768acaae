// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakenotifications.h"

#include "notificationsadaptor.h"

namespace testing {

namespace {

const QString name = QStringLiteral("org.freedesktop.Notifications");
const QString path = QStringLiteral("/org/freedesktop/Notifications");
const QString connectionName = QStringLiteral("notification service");

} // namespace

FakeNotifications::FakeNotifications(QStringList capabilities)
    : m_bus(QDBusConnection::connectToBus(QDBusConnection::SessionBus, connectionName))
    , m_capabilities(std::move(capabilities))
{
    new NotificationsAdaptor(this);
}

FakeNotifications::~FakeNotifications()
{
    vanish();
    QDBusConnection::disconnectFromBus(connectionName);
}

bool FakeNotifications::appear()
{
    return m_bus.registerObject(path, this, QDBusConnection::ExportAdaptors) && m_bus.registerService(name);
}

void FakeNotifications::vanish()
{
    m_bus.unregisterService(name);
    m_bus.unregisterObject(path);
}

uint FakeNotifications::Notify(const QString &application, uint replaces, const QString &, const QString &summary,
                               const QString &body, const QStringList &actions, const QVariantMap &hints, int timeout)
{
    if (failures > 0) {
        --failures;
        sendErrorReply(QDBusError::Failed, QStringLiteral("not now"));
        return 0;
    }
    if (!refusing)
        shown.append({replaces ? replaces : ++m_lastId, replaces, application, summary, body, actions, hints, timeout});
    return refusing ? 0 : shown.back().id;
}

void FakeNotifications::CloseNotification(uint id)
{
    closed.append(id);
    Q_EMIT NotificationClosed(id, 3);
}

} // namespace testing
