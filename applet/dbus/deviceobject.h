// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"
#include "types.h"

#include <QDBusConnection>
#include <QObject>

namespace dbus {

/// One device on the bus: what org.qubes.UsbApplet1.Device.xml documents.
class DeviceObject : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QString Backend READ backend)
    Q_PROPERTY(QString Port READ port)
    Q_PROPERTY(QString Name READ name)
    Q_PROPERTY(QString DeviceId READ deviceId)
    Q_PROPERTY(QString Vendor READ vendor)
    Q_PROPERTY(QString Product READ product)
    Q_PROPERTY(QString Serial READ serial)
    Q_PROPERTY(QString Description READ description)
    Q_PROPERTY(QString Category READ category)
    Q_PROPERTY(QStringList Interfaces READ interfaces)
    Q_PROPERTY(QString State READ state)
    Q_PROPERTY(QString AttachedTo READ attachedTo)
    Q_PROPERTY(dbus::StringMap AssignedTo READ assignedTo)
public:
    static const QString interfaceName;

    /// On the bus as long as it lives.
    DeviceObject(const QDBusConnection &bus, const model::DeviceModel *model, const model::Device &device,
                 QObject *parent);
    ~DeviceObject() override;

    /// Below /org/qubes/UsbApplet1/device; '_' and hex for what a path may not hold.
    static QDBusObjectPath pathOf(const model::DeviceKey &key);
    QDBusObjectPath path() const { return pathOf(m_device.key()); }
    QVariantMap properties() const;
    /// Takes the new state and tells the bus what is different.
    void update(const model::Device &device);

    QString backend() const { return m_device.key().backend.toString(); }
    QString port() const { return m_device.key().port.toString(); }
    QString name() const;
    QString deviceId() const { return m_device.usb.vidPid(); }
    QString vendor() const { return m_device.usb.vendor.toString(); }
    QString product() const;
    QString serial() const { return m_device.usb.serial.toString(); }
    QString description() const { return m_model->description(m_device.usb); }
    QString category() const { return model::categoryName(m_device.usb.category()); }
    QStringList interfaces() const;
    QString state() const { return QString::fromLatin1(model::deviceStateName(m_device.state)); }
    QString attachedTo() const { return m_device.attachedTo ? m_device.attachedTo->toString() : QString(); }
    StringMap assignedTo() const;

private:
    QDBusConnection m_bus;
    const model::DeviceModel *m_model;
    model::Device m_device;
};

} // namespace dbus
