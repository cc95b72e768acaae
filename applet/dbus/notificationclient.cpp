// SPDX-License-Identifier: GPL-2.0-or-later
#include "notificationclient.h"

#include "notificationsproxy.h"

#include <QDBusPendingCallWatcher>

namespace dbus {

namespace {

const QString serverName = QStringLiteral("org.freedesktop.Notifications");
const QString serverPath = QStringLiteral("/org/freedesktop/Notifications");

NotificationClient::CloseReason closeReason(uint code)
{
    switch (code) {
    case 1:
        return NotificationClient::CloseReason::Expired;
    case 2:
        return NotificationClient::CloseReason::Dismissed;
    case 3:
        return NotificationClient::CloseReason::Closed;
    default:
        return NotificationClient::CloseReason::Undefined;
    }
}

} // namespace

NotificationClient::NotificationClient(const QDBusConnection &bus, QString applicationName, QObject *parent)
    : QObject(parent)
    , m_applicationName(std::move(applicationName))
    , m_server(std::make_unique<OrgFreedesktopNotificationsInterface>(serverName, serverPath, bus))
    , m_watcher(serverName, bus, QDBusServiceWatcher::WatchForUnregistration)
{
    using Server = OrgFreedesktopNotificationsInterface;
    connect(&m_watcher, &QDBusServiceWatcher::serviceUnregistered, this, &NotificationClient::onServerGone);
    connect(m_server.get(), &Server::ActivationToken, this,
            [this](uint id, const QString &token) { m_tokens.insert(id, token); });
    connect(m_server.get(), &Server::ActionInvoked, this, [this](uint id, const QString &key) {
        const QString token = m_tokens.take(id);
        if (const Handle handle = handleOf(id))
            Q_EMIT actionInvoked(handle, key, token);
    });
    connect(m_server.get(), &Server::NotificationClosed, this, [this](uint id, uint reason) {
        m_tokens.remove(id);
        const Handle handle = handleOf(id);
        if (handle && m_shown.remove(handle))
            Q_EMIT closed(handle, closeReason(reason));
    });
}

NotificationClient::~NotificationClient() = default;

NotificationClient::Handle NotificationClient::show(const Notification &notification, Handle replaces)
{
    const Handle handle = m_shown.contains(replaces) ? replaces : ++m_lastHandle;
    Shown &shown = m_shown[handle];
    shown.notification = notification;
    shown.unwanted = false;
    if (!m_capabilities)
        askCapabilities(); // what is waiting is sent once they are known
    else
        send(handle);
    return handle;
}

void NotificationClient::close(Handle handle)
{
    const auto found = m_shown.find(handle);
    if (found == m_shown.end())
        return;
    if (found->id != 0 && !found->sending) {
        m_server->CloseNotification(found->id); // its signal ends it
        return;
    }
    found->unwanted = true;
}

void NotificationClient::askCapabilities()
{
    if (m_asking)
        return;
    m_asking = true;
    auto *const watcher = new QDBusPendingCallWatcher(m_server->GetCapabilities(), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, life = m_life] {
        watcher->deleteLater();
        if (life != m_life)
            return;
        m_asking = false;
        const QDBusPendingReply<QStringList> reply = *watcher;
        // Asked again with the next notification if there was no answer; these are tried all the same.
        const bool known = !reply.isError();
        if (known)
            m_capabilities = reply.value();
        const QList<Handle> shown = m_shown.keys(); // sending may end one
        for (const Handle handle : shown)
            send(handle);
        if (known)
            Q_EMIT capabilitiesKnown();
    });
}

void NotificationClient::send(Handle handle)
{
    const auto found = m_shown.find(handle);
    if (found == m_shown.end())
        return;
    if (found->sending) {
        found->again = true;
        return;
    }
    if (found->unwanted) {
        m_shown.erase(found);
        Q_EMIT closed(handle, CloseReason::Closed);
        return;
    }
    found->sending = true;
    found->again = false;
    const Notification &notification = found->notification;
    QStringList actions;
    if (hasActions()) {
        for (const Notification::Action &action : notification.actions)
            actions << action.key << action.label;
    }
    QVariantMap hints = notification.hints;
    hints.insert(QStringLiteral("urgency"), QVariant::fromValue(static_cast<uchar>(notification.urgency)));
    if (notification.transient)
        hints.insert(QStringLiteral("transient"), true);
    auto *const watcher = new QDBusPendingCallWatcher(m_server->Notify(m_applicationName, found->id, notification.icon,
                                                                       notification.summary, body(notification),
                                                                       actions, hints, notification.timeout),
                                                      this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, handle, life = m_life] {
        watcher->deleteLater();
        const auto shown = m_shown.find(handle);
        if (life != m_life || shown == m_shown.end())
            return;
        shown->sending = false;
        const QDBusPendingReply<uint> reply = *watcher;
        if (reply.isError() && shown->again) {
            send(handle); // what failed is no longer what is to be shown
            return;
        }
        if (reply.isError()) {
            m_shown.erase(shown);
            Q_EMIT failed(handle);
            return;
        }
        shown->id = reply.value();
        if (shown->unwanted)
            m_server->CloseNotification(shown->id);
        else if (shown->again)
            send(handle);
    });
}

void NotificationClient::onServerGone()
{
    ++m_life;
    m_asking = false;
    m_capabilities.reset();
    m_tokens.clear();
    const QList<Handle> handles = m_shown.keys();
    m_shown.clear();
    for (const Handle handle : handles)
        Q_EMIT closed(handle, CloseReason::ServerGone);
}

NotificationClient::Handle NotificationClient::handleOf(uint id) const
{
    for (auto it = m_shown.cbegin(); it != m_shown.cend(); ++it) {
        if (it->id == id)
            return it.key();
    }
    return 0;
}

QString NotificationClient::body(const Notification &notification) const
{
    // Servers without "body-markup" show what they get.
    return capabilities().contains(QStringLiteral("body-markup")) ? notification.body.toHtmlEscaped()
                                                                  : notification.body;
}

} // namespace dbus
