// SPDX-License-Identifier: GPL-2.0-or-later
#include "operations.h"

#include <QPointer>

namespace ui {

using model::Assignment;
using model::AssignMode;
using model::AssignScope;
using model::Device;
using model::DeviceChoice;
using model::DeviceKey;
using model::Job;
using model::QubeName;
using model::Target;

namespace {

AssignScope scopeOf(const Assignment &rule)
{
    if (rule.port && rule.device)
        return AssignScope::PortAndDevice;
    return rule.port ? AssignScope::Port : AssignScope::Device;
}

} // namespace

Operations::Operations(model::DeviceModel *model, Settings *settings, QObject *parent)
    : QObject(parent)
    , m_model(model)
    , m_settings(settings)
{
    connect(model, &model::DeviceModel::jobFinished, this, &Operations::onJobFinished);
    connect(model, &model::DeviceModel::deviceRemoved, this, [this](const Device &last) { m_last.remove(last.key()); });
}

void Operations::perform(const Request &request)
{
    const Device *const device = m_model->device(request.device);
    if (device && device->usb.isInput() && request.handsOver() && m_settings->confirmsInput())
        Q_EMIT confirmationNeeded(request);
    else
        performConfirmed(request);
}

void Operations::performConfirmed(const Request &request)
{
    m_last.insert(request.device, request);
    switch (request.kind) {
    case Request::Kind::Attach:
        m_model->attach(request.choice(), *request.qube);
        break;
    case Request::Kind::Move:
        m_model->move(request.choice(), *request.qube);
        break;
    case Request::Kind::StartAndAttach:
        m_model->startAndAttach(request.choice(), *request.qube);
        break;
    case Request::Kind::AttachToDisposable:
        m_model->attachToDisposable(request.choice(), *request.qube);
        break;
    case Request::Kind::Detach:
        m_model->detach(request.choice());
        break;
    case Request::Kind::DetachAndShutdown:
        m_model->detachAndShutdown(request.choice());
        break;
    }
}

void Operations::cancelWaiting(const DeviceKey &key)
{
    if (Job *const job = m_model->activeJob(key))
        job->cancelWaiting();
}

std::optional<Request> Operations::failed(const DeviceKey &key) const
{
    const Device *const device = m_model->device(key);
    const auto found = m_last.constFind(key);
    if (!device || device->state != model::DeviceState::Failed || found == m_last.cend())
        return std::nullopt;
    // Not with a device that nobody asked for.
    return found->seen && *found->seen != device->usb.identity() ? std::nullopt : std::optional(*found);
}

void Operations::setRule(const DeviceChoice &where, const QubeName &qube, std::optional<RuleChoice> choice)
{
    const Device *const device = m_model->device(where.key);
    if (device)
        nextRuleStep(where, qube, choice, device->assignments.size());
}

void Operations::nextRuleStep(const DeviceChoice &where, const QubeName &qube, std::optional<RuleChoice> choice,
                              qsizetype stepsLeft)
{
    const Device *const device = m_model->device(where.key);
    if (!device)
        return;
    bool there = false;
    Job *job = nullptr;
    for (const Assignment &rule : device->assignments) {
        if (rule.frontend != qube || rule.mode == AssignMode::Required || stepsLeft == 0)
            continue;
        const bool sameScope = choice && choice->scope == scopeOf(rule);
        if (!sameScope)
            job = m_model->unassign(where, rule);
        else if (rule.mode != choice->mode)
            job = m_model->setAssignMode(where, rule, choice->mode);
        else
            there = true;
        if (job)
            break;
    }
    if (!job) {
        if (choice && !there)
            m_model->assign(where, qube, choice->scope, choice->mode);
        return;
    }
    // One step at a time: what is left to do is read from the model again. A failed step is the end; so are more steps
    // than there were rules, if a server says done and does nothing.
    connect(job, &Job::over, this, [this, job, where, qube, choice, stepsLeft] {
        if (job->end() == Job::End::Done)
            nextRuleStep(where, qube, choice, stepsLeft - 1);
    });
}

void Operations::detachAll(const std::optional<QubeName> &qube)
{
    for (const DeviceKey &key : m_model->devices()) {
        const Device *const device = m_model->device(key);
        if (device && device->attachedTo && !device->isBusy() && (!qube || device->attachedTo == qube))
            performConfirmed({Request::Kind::Detach, key, {}, device->usb.identity()});
    }
}

std::optional<Request> Operations::requestTo(const Device &device, const Target &target) const
{
    if (target.obstacle)
        return std::nullopt;
    const auto to = [&](Request::Kind kind) { return Request{kind, device.key(), target.qube, device.usb.identity()}; };
    switch (target.kind) {
    case Target::Kind::Running:
        return to(device.attachedTo ? Request::Kind::Move : Request::Kind::Attach);
    case Target::Kind::Halted:
        return to(Request::Kind::StartAndAttach);
    case Target::Kind::DisposableTemplate:
        return to(Request::Kind::AttachToDisposable);
    }
    return std::nullopt;
}

std::optional<Request> Operations::likeliest(const DeviceKey &key) const
{
    const Device *const device = m_model->device(key);
    if (!device || device->isBusy())
        return std::nullopt;
    if (device->attachedTo)
        return Request{Request::Kind::Detach, key, {}, device->usb.identity()};
    const auto last = m_settings->lastQube(device->usb);
    std::optional<Request> lastUsed;
    for (const Target &target : m_model->targets(key)) {
        if (target.kind == Target::Kind::DisposableTemplate || target.obstacle)
            continue;
        if (target.preferred)
            return requestTo(*device, target);
        if (target.qube == last)
            lastUsed = requestTo(*device, target);
    }
    return lastUsed;
}

std::optional<QubeName> Operations::lastQube(const DeviceKey &key) const
{
    const Device *const device = m_model->device(key);
    return device ? m_settings->lastQube(device->usb) : std::nullopt;
}

void Operations::onJobFinished(const Job *job)
{
    const bool attached =
        job->kind() == Job::Kind::Attach || job->kind() == Job::Kind::Move || job->kind() == Job::Kind::StartAndAttach;
    if (!attached || job->end() != Job::End::Done || !job->device() || !job->qube())
        return;
    if (const Device *const device = m_model->device(*job->device()))
        m_settings->setLastQube(device->usb, *job->qube());
}

} // namespace ui
