// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/operations.h"
#include "types.h"

#include <QDBusConnection>
#include <QDBusContext>
#include <QDBusMessage>
#include <QHash>
#include <QObject>

namespace dbus {

class DeviceObject;

/// org.qubes.UsbApplet1: what its XML documents.
class Service : public QObject, protected QDBusContext
{
    Q_OBJECT
    Q_PROPERTY(QString Version READ version)
    Q_PROPERTY(bool Connected READ connected)
    Q_PROPERTY(bool Ready READ ready)
    Q_PROPERTY(QStringList Backends READ backends)
public:
    static const QString name;
    static const QString path;

    /// `model` and `operations` outlive it.
    Service(const QDBusConnection &bus, model::DeviceModel *model, control::Operations *operations, QString version,
            QObject *parent = nullptr);
    ~Service() override;

    /// Puts the objects on the bus, then takes the name. False: somebody else has it (the other instance).
    bool publish();

    QString version() const { return m_version; }
    bool connected() const { return m_model->isConnected(); }
    bool ready() const { return m_model->isReady(); }
    QStringList backends() const;

public Q_SLOTS:
    // NOLINTBEGIN(readability-identifier-naming): the bus names them
    // Called by the generated adaptors.
    void Attach(const QString &backend, const QString &port, const QString &qube, const QVariantMap &options = {});
    void Detach(const QString &backend, const QString &port);
    void Move(const QString &backend, const QString &port, const QString &qube, const QVariantMap &options = {});
    void StartAndAttach(const QString &backend, const QString &port, const QString &qube, const QVariantMap &options);
    QString AttachToDisposable(const QString &backend, const QString &port, const QString &disposableTemplate,
                               const QVariantMap &options);
    void Cancel(const QString &backend, const QString &port);
    void StartQube(const QString &qube);
    void SetRule(const QString &backend, const QString &port, const QString &qube, const QString &devices,
                 const QString &mode, const QVariantMap &options);
    void RemoveRules(const QString &backend, const QString &port, const QString &qube);
    void Refresh();
    void ShowWindow();
    dbus::ManagedObjects GetManagedObjects();
    // NOLINTEND(readability-identifier-naming)

Q_SIGNALS:
    /// Somebody wants to see the window (also a second instance that was started).
    void windowRequested();

    // NOLINTBEGIN(readability-identifier-naming): the bus names them
    // Relayed by the generated adaptors.
    void DeviceAdded(const QString &backend, const QString &port, const QVariantMap &properties);
    void DeviceRemoved(const QString &backend, const QString &port);
    void DeviceAttached(const QString &backend, const QString &port, const QString &qube);
    void DeviceDetached(const QString &backend, const QString &port, const QString &qube);
    void OperationFailed(const QString &backend, const QString &port, const QString &qube, const QString &error,
                         const QString &message);
    void InterfacesAdded(const QDBusObjectPath &object, const dbus::Interfaces &interfaces);
    void InterfacesRemoved(const QDBusObjectPath &object, const QStringList &interfaces);
    // NOLINTEND(readability-identifier-naming)

private:
    /// A call that is answered later.
    struct Call
    {
        QDBusConnection bus;
        QDBusMessage message;

        void answer(const QVariantList &values = {}) const { bus.send(message.createReply(values)); }
        void fail(model::Reason reason, const QString &text) const;
        void answerWith(const model::Job *job) const;
    };

    std::optional<model::DeviceKey> keyOf(const QString &backend, const QString &port);
    std::optional<model::QubeName> qubeOf(const QString &qube);
    std::optional<QList<control::Question>> confirmedOf(const QVariantMap &options);
    void refuse(const QString &message);
    /// Puts the call that is being handled off until there is something to answer from.
    void whenRead(const std::function<void(const Call &call)> &handle);
    bool isRead() const;
    void handleWaiting();
    /// What all that is done with a device has in common.
    void request(control::Request::Kind kind, const QString &backend, const QString &port, const QString &qube,
                 const QVariantMap &options, std::optional<control::RuleChoice> rule = {});
    void perform(control::Request request, const QList<control::Question> &confirmed, const Call &call);
    ManagedObjects managedObjects() const;
    void addObject(const model::DeviceKey &key);
    QVariantMap properties() const;
    void update();

    QDBusConnection m_bus;
    model::DeviceModel *m_model;
    control::Operations *m_operations;
    QString m_version;
    QList<std::function<void()>> m_waiting; ///< calls that came before the first reading
    QHash<model::DeviceKey, DeviceObject *> m_objects;
    QVariantMap m_told;
};

} // namespace dbus
