// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/operations.h"
#include "dbus/notificationclient.h"

#include <QTimer>

#include <functional>

namespace ui {

/// Tells by notifications what happened. One per device, replaced by what happens next; many at once become one.
class Notifier : public QObject
{
    Q_OBJECT
public:
    struct Timing
    {
        std::chrono::milliseconds quiet{400};     ///< plugged in ones are told when no more came for so long
        std::chrono::milliseconds patience{2000}; ///< …or the first is so old
        std::chrono::milliseconds slow{700};      ///< a job that takes longer is told while it runs
        std::chrono::milliseconds restart{4000};  ///< a device that is back by then has restarted itself
    };
    /// More than these at once are told in one.
    static constexpr qsizetype atOnce = 3;

    Notifier(model::DeviceModel *model, control::Operations *operations, memory::Settings *settings,
             dbus::NotificationClient *client, Timing timing, QObject *parent = nullptr);
    ~Notifier() override;

Q_SIGNALS:
    /// A click wants to see a device, or nothing in particular. The token is for the window to be raised with.
    void showRequested(const std::optional<model::DeviceKey> &device, const QString &activationToken);
    /// A click wants to choose where a device goes.
    void chooserRequested(const model::DeviceChoice &choice, const QString &activationToken);

private:
    using Notice = memory::Settings::Notice;

    void onAdded(const model::DeviceKey &key, model::Appearance appearance);
    void onRemoved(const model::Device &last, model::Disappearance disappearance);
    void whenDone(const model::DeviceKey &key, const std::function<void()> &tell);
    void tellAttached(const model::DeviceKey &key, const model::QubeName &qube);
    void tellDetached(const model::DeviceKey &key, const model::QubeName &qube);
    void onJobStarted(model::Job *job);
    void onFailed(const model::Job &job);
    void onConnection(model::Connection connection);
    void onAction(quint64 handle, const QString &action, const QString &token);
    void flush();
    void flushPluggedIn();
    void flushRemoved();
    /// The device that was removed, if it is at its port again.
    const model::Device *backAgain(const model::Device &last) const;
    void tellRestarted(const model::Device &last, const model::Device &now);

    void show(const model::DeviceKey &key, dbus::Notification notification, model::Category category);
    void closeOf(const model::DeviceKey &key);
    QString iconOf(model::Category category) const;

    model::DeviceModel *m_model;
    control::Operations *m_operations;
    memory::Settings *m_settings;
    dbus::NotificationClient *m_client;
    Timing m_timing;
    QTimer m_quiet;
    QTimer m_patience;
    QTimer m_restart;
    QList<model::DeviceKey> m_pluggedIn;
    QList<model::Device> m_removed; ///< while attached, and not told yet
    QHash<model::DeviceKey, quint64> m_handles;
    QHash<model::DeviceKey, control::Request> m_offered; ///< by a button, as it was shown
    QSet<model::DeviceKey> m_inProgress;                 ///< whose notification says that it goes on
    quint64 m_summary = 0;
    quint64 m_connection = 0;
};

} // namespace ui
