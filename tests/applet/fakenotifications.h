// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusContext>
#include <QObject>
#include <QStringList>
#include <QVariantMap>

namespace testing {

/// Stand-in for the desktop's notification service; its border is generated from the XML that the client is made of.
class FakeNotifications : public QObject, protected QDBusContext
{
    Q_OBJECT
public:
    struct Shown
    {
        uint id = 0;
        uint replaces = 0;
        QString application;
        QString summary;
        QString body;
        QStringList actions;
        QVariantMap hints;
        int timeout = 0;
    };

    explicit FakeNotifications(QStringList capabilities);
    ~FakeNotifications() override;

    bool appear();
    void vanish();
    QList<Shown> shown;
    QList<uint> closed;
    bool refusing = false;
    int failures = 0; ///< so many of the next notifications are answered by an error

    // NOLINTBEGIN(readability-identifier-naming): the bus names them
public Q_SLOTS:
    // Called by the generated adaptor.
    QStringList GetCapabilities() { return m_capabilities; }
    uint Notify(const QString &application, uint replaces, const QString &icon, const QString &summary,
                const QString &body, const QStringList &actions, const QVariantMap &hints, int timeout);
    void CloseNotification(uint id);

Q_SIGNALS:
    void NotificationClosed(uint id, uint reason);
    void ActionInvoked(uint id, const QString &key);
    void ActivationToken(uint id, const QString &token);

    // NOLINTEND(readability-identifier-naming)
private:
    QDBusConnection m_bus;
    QStringList m_capabilities;
    uint m_lastId = 0;
};

} // namespace testing
