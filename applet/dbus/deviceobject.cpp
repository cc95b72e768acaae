// SPDX-License-Identifier: GPL-2.0-or-later
#include "deviceobject.h"

#include "deviceadaptor.h"
#include "propertieschanged.h"

#include <QMetaProperty>

namespace dbus {

namespace {

QString escaped(const QString &name)
{
    // Names are ASCII; two different ones must not become the same.
    QString out;
    for (const QChar c : name) {
        if (c.isLetterOrNumber())
            out.append(c);
        else
            out.append(QStringLiteral("_%1").arg(c.unicode(), 2, 16, QLatin1Char('0')));
    }
    return out;
}

QString modeText(model::AssignMode mode)
{
    switch (mode) {
    case model::AssignMode::Ask:
        return QStringLiteral("ask");
    case model::AssignMode::Automatic:
        return QStringLiteral("automatic");
    case model::AssignMode::Required:
        return QStringLiteral("required");
    case model::AssignMode::Persistent:
        return QStringLiteral("persistent");
    case model::AssignMode::Manual:
        break;
    }
    return QStringLiteral("manual");
}

} // namespace

const QString DeviceObject::interfaceName = QStringLiteral("org.qubes.UsbApplet1.Device");

DeviceObject::DeviceObject(const QDBusConnection &bus, const model::DeviceModel *model, const model::Device &device,
                           QObject *parent)
    : QObject(parent)
    , m_bus(bus)
    , m_model(model)
    , m_device(device)
{
    new DeviceAdaptor(this);
    m_bus.registerObject(path().path(), this, QDBusConnection::ExportAdaptors);
}

DeviceObject::~DeviceObject()
{
    m_bus.unregisterObject(path().path());
}

QDBusObjectPath DeviceObject::pathOf(const model::DeviceKey &key)
{
    return QDBusObjectPath(QStringLiteral("/org/qubes/UsbApplet1/device/%1/p%2")
                               .arg(escaped(key.backend.toString()), escaped(key.port.toString())));
}

QVariantMap DeviceObject::properties() const
{
    QVariantMap map;
    const QMetaObject *const meta = metaObject();
    for (int i = meta->propertyOffset(); i < meta->propertyCount(); ++i)
        map.insert(QString::fromLatin1(meta->property(i).name()), meta->property(i).read(this));
    return map;
}

void DeviceObject::update(const model::Device &device)
{
    const QVariantMap before = properties();
    m_device = device;
    sendPropertiesChanged(m_bus, path().path(), interfaceName, before, properties());
}

QString DeviceObject::name() const
{
    const QString known = m_model->name(m_device.usb).toString();
    return known.isEmpty() ? QStringLiteral("%1 at %2").arg(model::categoryText(m_device.usb.category()), port())
                           : known;
}

QString DeviceObject::product() const
{
    return m_device.usb.product.isEmpty() ? m_device.usb.text.toString() : m_device.usb.product.toString();
}

QStringList DeviceObject::interfaces() const
{
    QStringList list;
    for (const model::Interface &interface : m_device.usb.interfaces)
        list.append(QString::fromLatin1(interface.bytes()));
    return list;
}

StringMap DeviceObject::assignedTo() const
{
    StringMap map;
    for (const model::Assignment &rule : m_device.assignments)
        map.insert(rule.frontend.toString(), modeText(rule.mode));
    return map;
}

} // namespace dbus
