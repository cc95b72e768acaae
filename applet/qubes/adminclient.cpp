// SPDX-License-Identifier: GPL-2.0-or-later
#include "adminclient.h"

#include "deviceargument.h"
#include "devicelines.h"
#include "pcilines.h"
#include "qubelines.h"

namespace qubes {

using model::Answer;
using model::Assignment;
using model::Connection;
using model::Done;
using model::Failure;
using model::QubeName;
using model::Reason;
using model::Result;
using Lane = CallQueue::Lane;

AdminClient::AdminClient(std::unique_ptr<Transport> transport, Settings settings, QObject *parent)
    : QubesSystem(parent)
    , m_transport(std::move(transport))
    , m_settings(settings)
    , m_calls(m_transport.get(), settings.limits)
    , m_stream(m_transport.get(), settings.events)
{
    connect(&m_stream, &EventStream::stateChanged, this, &AdminClient::onStream);
    connect(&m_stream, &EventStream::happened, this, [this](const Event &event) {
        for (const model::Hint &one : hintsOf(event))
            Q_EMIT hint(one);
    });
}

AdminClient::~AdminClient() = default;

void AdminClient::start()
{
    m_stream.start();
}

void AdminClient::onStream(EventStream::State state)
{
    Connection now = Connection::Connecting;
    switch (state) {
    case EventStream::State::Idle:
    case EventStream::State::Connecting:
        break;
    case EventStream::State::Established:
        now = Connection::Connected;
        break;
    case EventStream::State::Refused:
        now = Connection::WithoutEvents;
        break;
    case EventStream::State::Broken:
        now = Connection::Disconnected;
        break;
    }
    if (now == m_connection)
        return;
    m_connection = now;
    Q_EMIT connectionChanged(now);
}

/// `parse` takes the content of the reply and gives a Result<T>.
template <typename T, typename Parse>
void AdminClient::ask(const Request &request, Lane lane, Answer<T> answer, Parse parse)
{
    const auto deadline = lane == Lane::Quick ? m_settings.quickDeadline : m_settings.slowDeadline;
    m_calls.call(request, lane, deadline, [answer = std::move(answer), parse](const Result<QByteArray> &reply) {
        answer(reply ? Result<T>(parse(*reply)) : Result<T>(reply.error()));
    });
}

void AdminClient::command(const Request &request, Lane lane, Answer<Done> answer)
{
    ask(request, lane, std::move(answer), [](const QByteArray &) { return Result<Done>(Done{}); });
}

template <typename T>
void AdminClient::fail(const Answer<T> &answer, Reason reason)
{
    QMetaObject::invokeMethod(
        this,
        [answer, reason] {
            answer(Failure{reason, {}});
        },
        Qt::QueuedConnection);
}

void AdminClient::listQubes(Answer<model::QubeList> answer)
{
    ask(Request{"admin.vm.List"}, Lane::Quick, std::move(answer),
        [this](const QByteArray &untrusted) -> Result<model::QubeList> {
            model::QubeList list = parseQubeList(untrusted);
            if (list.qubes.isEmpty())
                return Failure{Reason::Garbled, {}}; // there always is one, at least ourselves
            m_generation = list.generation;
            return list;
        });
}

void AdminClient::readProperties(const QubeName &qube, Answer<model::QubeProperties> answer)
{
    ask(Request{"admin.vm.property.GetAll", {}, qube}, Lane::Quick, std::move(answer),
        [](const QByteArray &untrusted) { return Result<model::QubeProperties>(parseProperties(untrusted)); });
}

void AdminClient::readInternal(const QubeName &qube, Answer<bool> answer)
{
    m_calls.call(Request{"admin.vm.feature.Get", "internal", qube}, Lane::Quick, m_settings.quickDeadline,
                 [answer = std::move(answer)](const Result<QByteArray> &reply) {
                     if (reply)
                         answer(parseFeature(*reply));
                     else if (reply.error().reason == Reason::FeatureNotSet)
                         answer(false);
                     else
                         answer(reply.error());
                 });
}

void AdminClient::readUsbController(const QubeName &qube, Answer<bool> answer)
{
    const bool legacy = isLegacy();
    const QByteArray method = legacy ? "admin.vm.device.pci.List" : "admin.vm.device.pci.Assigned";
    const auto then = [this, legacy, answer = std::move(answer)](const Result<QByteArray> &reply) {
        if (!reply) {
            answer(reply.error());
            return;
        }
        const PciAssignments assigned = parsePciAssignments(*reply, legacy);
        if (assigned.usbController || assigned.otherPorts.isEmpty()) {
            answer(assigned.usbController);
            return;
        }
        // Only dom0 knows what the others are.
        ask(Request{"admin.vm.device.pci.Available"}, Lane::Quick, answer,
            [ports = assigned.otherPorts](const QByteArray &untrusted) {
                return Result<bool>(parseUsbControllers(untrusted).intersects(ports));
            });
    };
    m_calls.call(Request{method, {}, qube}, Lane::Quick, m_settings.quickDeadline, then);
}

void AdminClient::readDevices(const QubeName &backend, Answer<model::DeviceList> answer)
{
    ask(Request{"admin.vm.device.usb.Available", {}, backend}, Lane::Quick, std::move(answer),
        [legacy = isLegacy(), backend](const QByteArray &untrusted) {
            return Result<model::DeviceList>(legacy ? parseLegacyDevices(backend, untrusted)
                                                    : parseDevices(backend, untrusted));
        });
}

void AdminClient::readAttached(const QubeName &frontend, Answer<model::FrontendLists> answer)
{
    const QByteArray method = isLegacy() ? "admin.vm.device.usb.List" : "admin.vm.device.usb.Attached";
    ask(Request{method, {}, frontend}, Lane::Quick, std::move(answer),
        [legacy = isLegacy(), frontend](const QByteArray &untrusted) {
            return Result<model::FrontendLists>(legacy ? parseLegacyList(frontend, untrusted)
                                                       : model::FrontendLists{parseAttached(untrusted), {}});
        });
}

void AdminClient::readAssigned(const QubeName &frontend, Answer<QList<Assignment>> answer)
{
    if (isLegacy()) {
        fail(answer, Reason::NotSupported);
        return;
    }
    ask(Request{"admin.vm.device.usb.Assigned", {}, frontend}, Lane::Quick, std::move(answer),
        [frontend](const QByteArray &untrusted) {
            return Result<QList<Assignment>>(parseAssigned(frontend, untrusted));
        });
}

void AdminClient::readDefaultDisposable(Answer<std::optional<QubeName>> answer)
{
    ask(Request{"admin.property.Get", "default_dispvm"}, Lane::Quick, std::move(answer),
        [](const QByteArray &untrusted) -> Result<std::optional<QubeName>> {
            const auto value = parseProperty(untrusted);
            const auto name = value ? QubeName::parse(QByteArrayView(*value)) : std::nullopt;
            if (!value || (!name && !value->isEmpty()))
                return Failure{Reason::Garbled, {}};
            return name;
        });
}

void AdminClient::readLabelColor(const model::LabelName &label, Answer<quint32> answer)
{
    ask(Request{"admin.label.Get", label.toLatin1()}, Lane::Quick, std::move(answer),
        [](const QByteArray &untrusted) -> Result<quint32> {
            if (const auto color = parseLabelColor(untrusted))
                return *color;
            return Failure{Reason::Garbled, {}};
        });
}

void AdminClient::attach(const QubeName &frontend, const model::UsbDevice &device, Answer<Done> answer)
{
    const DeviceArgument named =
        isLegacy() ? DeviceArgument{portArgument(device.key), {}} : attachArgument(frontend, device);
    command(Request{"admin.vm.device.usb.Attach", named.argument, frontend, named.payload}, Lane::Slow,
            std::move(answer));
}

void AdminClient::detach(const QubeName &frontend, const model::DeviceKey &device, Answer<Done> answer)
{
    command(Request{"admin.vm.device.usb.Detach", portArgument(device), frontend}, Lane::Slow, std::move(answer));
}

void AdminClient::startQube(const QubeName &qube, Answer<Done> answer)
{
    command(Request{"admin.vm.Start", {}, qube}, Lane::Slow, std::move(answer));
}

void AdminClient::shutdownQube(const QubeName &qube, Answer<Done> answer)
{
    command(Request{"admin.vm.Shutdown", {}, qube}, Lane::Slow, std::move(answer));
}

void AdminClient::killQube(const QubeName &qube, Answer<Done> answer)
{
    command(Request{"admin.vm.Kill", {}, qube}, Lane::Slow, std::move(answer));
}

void AdminClient::createDisposable(const QubeName &disposableTemplate, Answer<QubeName> answer)
{
    ask(Request{"admin.vm.CreateDisposable", {}, disposableTemplate}, Lane::Slow, std::move(answer),
        [](const QByteArray &untrusted) -> Result<QubeName> {
            if (const auto name = QubeName::parse(QByteArrayView(untrusted)))
                return *name;
            return Failure{Reason::Garbled, {}};
        });
}

void AdminClient::assign(const Assignment &assignment, Answer<Done> answer)
{
    if (isLegacy()) {
        // Makes an attachment last; a device that is not attached has none.
        if (assignment.mode == model::AssignMode::Persistent && assignment.port)
            command(Request{"admin.vm.device.usb.Set.persistent", portArgument({assignment.backend, *assignment.port}),
                            assignment.frontend, "True"},
                    Lane::Quick, std::move(answer));
        else
            fail(answer, Reason::NotSupported);
        return;
    }
    const auto argument = assignmentArgument(assignment);
    if (!argument || !modeWord(assignment.mode)) {
        fail(answer, Reason::NotSupported);
        return;
    }
    command(Request{"admin.vm.device.usb.Assign", *argument, assignment.frontend, assignmentPayload(assignment)},
            Lane::Quick, std::move(answer));
}

void AdminClient::unassign(const Assignment &assignment, Answer<Done> answer)
{
    if (isLegacy()) {
        if (assignment.port)
            command(Request{"admin.vm.device.usb.Set.persistent", portArgument({assignment.backend, *assignment.port}),
                            assignment.frontend, "False"},
                    Lane::Quick, std::move(answer));
        else
            fail(answer, Reason::NotSupported);
        return;
    }
    const auto argument = assignmentArgument(assignment);
    if (!argument) {
        fail(answer, Reason::NotSupported);
        return;
    }
    command(Request{"admin.vm.device.usb.Unassign", *argument, assignment.frontend}, Lane::Quick, std::move(answer));
}

void AdminClient::setAssignMode(const Assignment &assignment, model::AssignMode mode, Answer<Done> answer)
{
    const auto argument = assignmentArgument(assignment);
    const auto word = modeWord(mode);
    if (isLegacy() || !argument || !word) {
        fail(answer, Reason::NotSupported);
        return;
    }
    command(Request{"admin.vm.device.usb.Set.assignment", *argument, assignment.frontend, *word}, Lane::Quick,
            std::move(answer));
}

} // namespace qubes
