// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"
#include "types.h"

#include <QDBusConnection>
#include <QDBusContext>
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
    Q_PROPERTY(QStringList Backends READ backends)
public:
    static const QString name;
    static const QString path;

    /// `model` outlives it.
    Service(const QDBusConnection &bus, model::DeviceModel *model, QString version, QObject *parent = nullptr);
    ~Service() override;

    /// Puts the objects on the bus, then takes the name. False: somebody else has it (the other instance).
    bool publish();

    QString version() const { return m_version; }
    bool connected() const;
    QStringList backends() const;

public Q_SLOTS:
    // NOLINTBEGIN(readability-identifier-naming): the bus names them
    // Called by the generated adaptors.
    void Attach(const QString &backend, const QString &port, const QString &qube);
    void Detach(const QString &backend, const QString &port);
    void Move(const QString &backend, const QString &port, const QString &qube);
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
    std::optional<model::DeviceKey> keyOf(const QString &backend, const QString &port);
    std::optional<model::QubeName> qubeOf(const QString &qube);
    void refuse(const QString &message);
    /// The call that is being handled is answered when `job` ends.
    void answerAtEndOf(model::Job *job);
    void addObject(const model::DeviceKey &key);
    QVariantMap properties() const;
    void update();

    QDBusConnection m_bus;
    model::DeviceModel *m_model;
    QString m_version;
    QHash<model::DeviceKey, DeviceObject *> m_objects;
    QVariantMap m_told;
};

} // namespace dbus
