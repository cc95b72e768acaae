// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "notification.h"

#include <QDBusConnection>
#include <QDBusServiceWatcher>
#include <QHash>
#include <QObject>
#include <QStringList>

#include <memory>
#include <optional>

class OrgFreedesktopNotificationsInterface;

namespace dbus {

/// Client of org.freedesktop.Notifications. Never blocks. A notification is known by the handle that show() gives; the
/// server's ids, a server that is replaced, or one that is not there, are its own affair.
class NotificationClient : public QObject
{
    Q_OBJECT
public:
    using Handle = quint64;
    enum class CloseReason { Expired, Dismissed, Closed, ServerGone, Undefined };

    NotificationClient(const QDBusConnection &bus, QString applicationName, QObject *parent = nullptr);
    ~NotificationClient() override;

    /// Shows it, in place of `replaces` if that is still shown (then the handle stays the same).
    Handle show(const Notification &notification, Handle replaces = 0);
    void close(Handle handle);
    bool isShown(Handle handle) const { return m_shown.contains(handle); }
    /// Empty until the server has been asked, which the first show() does.
    QStringList capabilities() const { return m_capabilities.value_or(QStringList()); }
    bool hasActions() const { return capabilities().contains(QStringLiteral("actions")); }

Q_SIGNALS:
    void actionInvoked(quint64 handle, const QString &key, const QString &activationToken);
    /// The last that is heard of a handle (with failed()).
    void closed(quint64 handle, dbus::NotificationClient::CloseReason reason);
    /// It could not be shown: no server, or it refused.
    void failed(quint64 handle);
    void capabilitiesKnown();

private:
    struct Shown
    {
        Notification notification;
        uint id = 0;           ///< 0: not shown yet
        bool sending = false;  ///< Notify is on its way
        bool again = false;    ///< replaced meanwhile: send once more
        bool unwanted = false; ///< closed meanwhile
    };
    void askCapabilities();
    void send(Handle handle);
    void onServerGone();
    Handle handleOf(uint id) const;
    QString body(const Notification &notification) const;

    QString m_applicationName;
    std::unique_ptr<OrgFreedesktopNotificationsInterface> m_server;
    QDBusServiceWatcher m_watcher;
    std::optional<QStringList> m_capabilities;
    bool m_asking = false;
    quint64 m_life = 0; ///< counts servers: answers of an earlier one are not for us
    Handle m_lastHandle = 0;
    QHash<Handle, Shown> m_shown;
    QHash<uint, QString> m_tokens;
};

} // namespace dbus
