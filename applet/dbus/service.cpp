// SPDX-License-Identifier: GPL-2.0-or-later
#include "service.h"

#include "deviceobject.h"
#include "errors.h"
#include "objectmanageradaptor.h"
#include "propertieschanged.h"
#include "serviceadaptor.h"

#include <QDBusMessage>

namespace dbus {

using model::DeviceKey;
using model::Job;
using model::QubeName;

const QString Service::name = QStringLiteral("org.qubes.UsbApplet1");
const QString Service::path = QStringLiteral("/org/qubes/UsbApplet1");

Service::Service(const QDBusConnection &bus, model::DeviceModel *model, QString version, QObject *parent)
    : QObject(parent)
    , m_bus(bus)
    , m_model(model)
    , m_version(std::move(version))
{
    registerTypes();
    new ServiceAdaptor(this);
    new ObjectManagerAdaptor(this);
    m_told = properties();

    connect(model, &model::DeviceModel::deviceAdded, this, [this](const DeviceKey &key) {
        addObject(key);
        const DeviceObject *const object = m_objects.value(key);
        if (!object)
            return;
        Q_EMIT InterfacesAdded(object->path(), {{DeviceObject::interfaceName, object->properties()}});
        Q_EMIT DeviceAdded(key.backend.toString(), key.port.toString(), object->properties());
    });
    connect(model, &model::DeviceModel::deviceChanged, this, [this](const DeviceKey &key) {
        DeviceObject *const object = m_objects.value(key);
        const model::Device *const device = m_model->device(key);
        if (object && device)
            object->update(*device);
    });
    connect(model, &model::DeviceModel::deviceRemoved, this, [this](const model::Device &last) {
        const DeviceKey &key = last.key();
        if (last.attachedTo)
            Q_EMIT DeviceDetached(key.backend.toString(), key.port.toString(), last.attachedTo->toString());
        delete m_objects.take(key);
        Q_EMIT InterfacesRemoved(DeviceObject::pathOf(key), {DeviceObject::interfaceName});
        Q_EMIT DeviceRemoved(key.backend.toString(), key.port.toString());
    });
    connect(model, &model::DeviceModel::deviceAttached, this, [this](const DeviceKey &key, const QubeName &qube) {
        Q_EMIT DeviceAttached(key.backend.toString(), key.port.toString(), qube.toString());
    });
    connect(model, &model::DeviceModel::deviceDetached, this, [this](const DeviceKey &key, const QubeName &qube) {
        Q_EMIT DeviceDetached(key.backend.toString(), key.port.toString(), qube.toString());
    });
    connect(model, &model::DeviceModel::jobFinished, this, [this](const Job *job) {
        if (job->end() != Job::End::Failed && job->end() != Job::End::TimedOut)
            return;
        const auto &key = job->device();
        Q_EMIT OperationFailed(key ? key->backend.toString() : QString(), key ? key->port.toString() : QString(),
                               job->qube() ? job->qube()->toString() : QString(), errorName(job->failure()->reason),
                               errorMessage(*job));
    });
    connect(model, &model::DeviceModel::connectionChanged, this, &Service::update);
    connect(model, &model::DeviceModel::backendsChanged, this, &Service::update);
    for (const DeviceKey &key : model->devices())
        addObject(key);
}

Service::~Service()
{
    m_bus.unregisterObject(path);
}

bool Service::publish()
{
    // The object first: whoever sees the name may call at once.
    return m_bus.registerObject(path, this, QDBusConnection::ExportAdaptors) && m_bus.registerService(name);
}

bool Service::connected() const
{
    const model::Connection connection = m_model->connection();
    return connection == model::Connection::Connected || connection == model::Connection::WithoutEvents;
}

QStringList Service::backends() const
{
    QStringList names;
    for (const QubeName &backend : m_model->backends())
        names.append(backend.toString());
    return names;
}

void Service::Attach(const QString &backend, const QString &port, const QString &qube)
{
    const auto key = keyOf(backend, port);
    const auto frontend = key ? qubeOf(qube) : std::nullopt;
    if (frontend)
        answerAtEndOf(m_model->attach(*key, *frontend));
}

void Service::Detach(const QString &backend, const QString &port)
{
    if (const auto key = keyOf(backend, port))
        answerAtEndOf(m_model->detach(*key));
}

void Service::Move(const QString &backend, const QString &port, const QString &qube)
{
    const auto key = keyOf(backend, port);
    const auto frontend = key ? qubeOf(qube) : std::nullopt;
    if (frontend)
        answerAtEndOf(m_model->move(*key, *frontend));
}

void Service::Refresh()
{
    m_model->refresh();
}

void Service::ShowWindow()
{
    Q_EMIT windowRequested();
}

ManagedObjects Service::GetManagedObjects()
{
    m_model->lookIfOld(); // rules are read only when somebody wants to see them
    ManagedObjects all;
    for (const DeviceObject *const object : std::as_const(m_objects))
        all.insert(object->path(), {{DeviceObject::interfaceName, object->properties()}});
    return all;
}

std::optional<DeviceKey> Service::keyOf(const QString &backend, const QString &port)
{
    const auto backendName = qubeOf(backend);
    if (!backendName)
        return std::nullopt;
    const auto portId = model::PortId::parse(port);
    if (!portId) {
        refuse(QStringLiteral("Not a USB port (such as 2-1 or 1-1.4)."));
        return std::nullopt;
    }
    return DeviceKey{*backendName, *portId};
}

std::optional<QubeName> Service::qubeOf(const QString &qube)
{
    auto parsed = QubeName::parse(qube);
    if (!parsed)
        refuse(QStringLiteral("Not the name of a qube."));
    return parsed;
}

void Service::refuse(const QString &message)
{
    if (calledFromDBus())
        sendErrorReply(errorName(model::Reason::Invalid), message);
}

void Service::answerAtEndOf(Job *job)
{
    if (!calledFromDBus())
        return;
    setDelayedReply(true);
    // When all is over, so that the message can tell what became of undoing it.
    connect(job, &Job::over, this, [bus = connection(), call = message(), job] {
        if (job->end() == Job::End::Done)
            bus.send(call.createReply());
        else
            bus.send(call.createErrorReply(errorName(job->failure()->reason), errorMessage(*job)));
    });
}

void Service::addObject(const DeviceKey &key)
{
    const model::Device *const device = m_model->device(key);
    if (device && !m_objects.contains(key))
        m_objects.insert(key, new DeviceObject(m_bus, m_model, *device, this));
}

QVariantMap Service::properties() const
{
    return {{QStringLiteral("Version"), version()},
            {QStringLiteral("Connected"), connected()},
            {QStringLiteral("Backends"), backends()}};
}

void Service::update()
{
    const QVariantMap now = properties();
    sendPropertiesChanged(m_bus, path, name, m_told, now);
    m_told = now;
}

} // namespace dbus
