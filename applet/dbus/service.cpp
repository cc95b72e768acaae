// SPDX-License-Identifier: GPL-2.0-or-later
#include "service.h"

#include "deviceobject.h"
#include "errors.h"
#include "objectmanageradaptor.h"
#include "propertieschanged.h"
#include "serviceadaptor.h"

#include <algorithm>

namespace dbus {

using control::Request;
using model::AssignMode;
using model::AssignScope;
using model::DeviceKey;
using model::Job;
using model::QubeName;

const QString Service::name = QStringLiteral("org.qubes.UsbApplet1");
const QString Service::path = QStringLiteral("/org/qubes/UsbApplet1");

Service::Service(const QDBusConnection &bus, model::DeviceModel *model, control::Operations *operations,
                 QString version, QObject *parent)
    : QObject(parent)
    , m_bus(bus)
    , m_model(model)
    , m_operations(operations)
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
    connect(model, &model::DeviceModel::readyChanged, this, &Service::update);
    connect(model, &model::DeviceModel::connectionChanged, this, &Service::handleWaiting);
    connect(model, &model::DeviceModel::readyChanged, this, &Service::handleWaiting);
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

QStringList Service::backends() const
{
    QStringList names;
    for (const QubeName &backend : m_model->backends())
        names.append(backend.toString());
    return names;
}

void Service::Attach(const QString &backend, const QString &port, const QString &qube, const QVariantMap &options)
{
    request(Request::Kind::Attach, backend, port, qube, options);
}

void Service::Detach(const QString &backend, const QString &port)
{
    request(Request::Kind::Detach, backend, port, {}, {});
}

void Service::Move(const QString &backend, const QString &port, const QString &qube, const QVariantMap &options)
{
    request(Request::Kind::Move, backend, port, qube, options);
}

void Service::StartAndAttach(const QString &backend, const QString &port, const QString &qube,
                             const QVariantMap &options)
{
    request(Request::Kind::StartAndAttach, backend, port, qube, options);
}

QString Service::AttachToDisposable(const QString &backend, const QString &port, const QString &disposableTemplate,
                                    const QVariantMap &options)
{
    request(Request::Kind::AttachToDisposable, backend, port, disposableTemplate, options);
    return {}; // answered later, or refused
}

void Service::Cancel(const QString &backend, const QString &port)
{
    const auto key = keyOf(backend, port);
    if (!key)
        return;
    const Job *const job = m_model->activeJob(*key);
    if (job && !job->hasEnded())
        m_operations->cancelWaiting(*key);
    else
        refuse(QStringLiteral("No operation on this device is under way."));
}

void Service::StartQube(const QString &qube)
{
    const auto frontend = qubeOf(qube);
    if (!frontend)
        return;
    whenRead([this, frontend](const Call &call) {
        const Job *const job = m_model->startQube(*frontend);
        connect(job, &Job::over, this, [call, job] { call.answerWith(job); });
    });
}

void Service::SetRule(const QString &backend, const QString &port, const QString &qube, const QString &devices,
                      const QString &mode, const QVariantMap &options)
{
    static const QMap<QString, AssignScope> scopes = {{QStringLiteral("port"), AssignScope::Port},
                                                      {QStringLiteral("device"), AssignScope::Device},
                                                      {QStringLiteral("port-and-device"), AssignScope::PortAndDevice}};
    static const QMap<QString, AssignMode> modes = {{QStringLiteral("automatic"), AssignMode::Automatic},
                                                    {QStringLiteral("ask"), AssignMode::Ask}};
    if (!scopes.contains(devices) || !modes.contains(mode))
        refuse(QStringLiteral("Not a rule: it is for \"port\", \"device\" or \"port-and-device\", and "
                              "\"automatic\" or \"ask\"."));
    else
        request(Request::Kind::SetRule, backend, port, qube, options,
                control::RuleChoice{scopes.value(devices), modes.value(mode)});
}

void Service::RemoveRules(const QString &backend, const QString &port, const QString &qube)
{
    request(Request::Kind::SetRule, backend, port, qube, {});
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
    if (isRead())
        return managedObjects();
    whenRead([this](const Call &call) { call.answer({QVariant::fromValue(managedObjects())}); });
    return {};
}

ManagedObjects Service::managedObjects() const
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

std::optional<QList<control::Question>> Service::confirmedOf(const QVariantMap &options)
{
    static const QString confirmedKey = QStringLiteral("confirmed");
    if (std::any_of(options.keyBegin(), options.keyEnd(), [](const QString &key) { return key != confirmedKey; })) {
        refuse(QStringLiteral("There is no such option (there is \"confirmed\")."));
        return std::nullopt;
    }
    QList<control::Question> confirmed;
    const QStringList codes = options.value(confirmedKey).toStringList();
    for (const QString &code : codes) {
        const auto question = control::questionOf(code);
        if (!question) {
            refuse(QStringLiteral("There is no question with that code."));
            return std::nullopt;
        }
        confirmed.append(*question);
    }
    return confirmed;
}

bool Service::isRead() const
{
    // Without a connection there is nothing to wait for.
    return m_model->isReady() || m_model->connection() == model::Connection::Disconnected;
}

void Service::whenRead(const std::function<void(const Call &call)> &handle)
{
    if (!calledFromDBus())
        return;
    setDelayedReply(true);
    const Call call{connection(), message()};
    if (isRead())
        handle(call);
    else
        m_waiting.append([handle, call] { handle(call); });
}

void Service::handleWaiting()
{
    if (!isRead())
        return;
    for (const auto &handle : std::exchange(m_waiting, {}))
        handle();
}

void Service::request(Request::Kind kind, const QString &backend, const QString &port, const QString &qube,
                      const QVariantMap &options, std::optional<control::RuleChoice> rule)
{
    const auto key = keyOf(backend, port);
    const auto frontend = key && kind != Request::Kind::Detach ? qubeOf(qube) : std::nullopt;
    if (!key || (!frontend && kind != Request::Kind::Detach))
        return;
    if (const auto confirmed = confirmedOf(options))
        whenRead([=, this](const Call &call) { perform({kind, *key, frontend, {}, rule}, *confirmed, call); });
}

void Service::perform(Request request, const QList<control::Question> &confirmed, const Call &call)
{
    // What is asked about is what is handed over.
    if (const model::Device *const device = m_model->device(request.device))
        request.seen = device->usb.identity();
    QStringList codes;
    QStringList reasons;
    for (const control::Question question : m_operations->questions(request)) {
        if (confirmed.contains(question))
            continue;
        codes.append(control::questionCode(question));
        reasons.append(questionText(question));
    }
    if (!codes.isEmpty()) {
        QDBusMessage reply = call.message.createErrorReply(needsConfirmation, reasons.join(QLatin1Char(' ')));
        reply << codes;
        call.bus.send(reply);
        return;
    }
    // A rule may need several jobs, or none, which would be none of a device that is not there, too.
    const auto why = request.kind == Request::Kind::SetRule ? m_model->whyAnother(request.choice()) : std::nullopt;
    if (why)
        call.fail(why->reason, reasonText(*why));
    else
        m_operations->performConfirmed(request, [call](const Job *job) { call.answerWith(job); });
}

void Service::Call::fail(model::Reason reason, const QString &text) const
{
    bus.send(message.createErrorReply(errorName(reason), text));
}

void Service::Call::answerWith(const Job *job) const
{
    if (job && job->end() != Job::End::Done)
        fail(job->failure()->reason, errorMessage(*job));
    else if (job && job->kind() == Job::Kind::AttachToDisposable)
        answer({job->qube()->toString()});
    else
        answer();
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
            {QStringLiteral("Ready"), ready()},
            {QStringLiteral("Backends"), backends()}};
}

void Service::update()
{
    const QVariantMap now = properties();
    sendPropertiesChanged(m_bus, path, name, m_told, now);
    m_told = now;
}

} // namespace dbus
