// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/operations.h"

#include <QPointer>

namespace control {

using model::Assignment;
using model::AssignMode;
using model::Device;
using model::DeviceKey;
using model::Job;
using model::QubeName;

Operations::Operations(model::DeviceModel *model, memory::Settings *settings, QObject *parent)
    : QObject(parent)
    , m_model(model)
    , m_settings(settings)
    , m_news(model)
{
    connect(model, &model::DeviceModel::jobFinished, this, &Operations::onJobFinished);
    connect(model, &model::DeviceModel::deviceRemoved, this, [this](const Device &last) { m_last.remove(last.key()); });
}

QList<Question> Operations::questions(const Request &request) const
{
    const Device *const device = m_model->device(request.device);
    // Another device than was meant gets nowhere, so nobody need be asked about it.
    const bool isMeant = device && !m_model->whyAnother(request.choice());
    return isMeant && m_settings->confirmsInput() ? questionsAbout(device->usb, request) : QList<Question>();
}

void Operations::perform(const Request &request)
{
    if (!questions(request).isEmpty())
        Q_EMIT confirmationNeeded(request);
    else
        performConfirmed(request);
}

void Operations::performConfirmed(const Request &request, const Then &then)
{
    const Then tell = then ? then : [](const Job *) {};
    if (request.kind == Request::Kind::SetRule) {
        // What others have made since they were read counts, too.
        m_model->rereadAssignments(*request.qube, [self = QPointer(this), request, tell](bool /*read*/) {
            const Device *const device = self ? self->m_model->device(request.device) : nullptr;
            if (self)
                self->nextRuleStep(request, device ? device->assignments.size() : 0, tell);
        });
        return;
    }
    if (request.kind == Request::Kind::RemoveRule) {
        const Job *const job = m_model->unassign(request.choice(), *request.removed);
        connect(job, &Job::over, this, [job, tell] { tell(job); });
        return;
    }
    m_last.insert(request.device, request);
    const Job *const job = launch(request);
    // Who cancelled does not wait for the server.
    connect(job, &Job::finished, this, [job, tell] {
        if (job->end() == Job::End::Cancelled)
            tell(job);
    });
    connect(job, &Job::over, this, [job, tell] {
        if (job->end() != Job::End::Cancelled)
            tell(job);
    });
}

Job *Operations::launch(const Request &request)
{
    switch (request.kind) {
    case Request::Kind::Attach:
        return m_model->attach(request.choice(), *request.qube);
    case Request::Kind::Move:
        return m_model->move(request.choice(), *request.qube);
    case Request::Kind::StartAndAttach:
        return m_model->startAndAttach(request.choice(), *request.qube);
    case Request::Kind::AttachToDisposable:
        return m_model->attachToDisposable(request.choice(), *request.qube);
    case Request::Kind::DetachAndShutdown:
        return m_model->detachAndShutdown(request.choice());
    case Request::Kind::Detach:
    case Request::Kind::SetRule:
    case Request::Kind::RemoveRule:
        break;
    }
    return m_model->detach(request.choice());
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
    // It was detached; what failed after it cannot be had by detaching again.
    if (!found->handsOver() && !device->attachedTo)
        return std::nullopt;
    // Not with a device that nobody asked for.
    return found->seen && *found->seen != device->usb.identity() ? std::nullopt : std::optional(*found);
}

void Operations::nextRuleStep(const Request &request, qsizetype stepsLeft, const Then &then)
{
    const auto &choice = request.rule;
    const Device *const device = m_model->device(request.device);
    bool there = false;
    Job *job = nullptr;
    for (const Assignment &rule : device ? device->assignments : QList<Assignment>()) {
        // What is about every device of the backend is not replaced by what is about one.
        if (rule.frontend != request.qube || rule.mode == AssignMode::Required || !rule.scope() || stepsLeft == 0)
            continue;
        const bool sameScope = choice && choice->scope == rule.scope();
        if (!sameScope)
            job = m_model->unassign(request.choice(), rule);
        else if (rule.mode != choice->mode)
            job = m_model->setAssignMode(request.choice(), rule, choice->mode);
        else
            there = true;
        if (job)
            break;
    }
    if (job) {
        // One step at a time: what is left to do is read from the model again. A failed step is the end; so are more
        // steps than there were rules, if a server says done and does nothing.
        connect(job, &Job::over, this, [this, job, request, stepsLeft, then] {
            if (job->end() == Job::End::Done)
                nextRuleStep(request, stepsLeft - 1, then);
            else
                then(job);
        });
    } else if (choice && !there) {
        job = m_model->assign(request.choice(), *request.qube, choice->scope, choice->mode);
        connect(job, &Job::over, this, [job, then] { then(job); });
    } else {
        then(nullptr);
    }
}

void Operations::detachAll(const std::optional<QubeName> &qube)
{
    for (const DeviceKey &key : m_model->devices()) {
        const Device *const device = m_model->device(key);
        if (device && device->attachedTo && !device->isBusy() && (!qube || device->attachedTo == qube))
            performConfirmed({Request::Kind::Detach, key, {}, device->usb.identity()});
    }
}

std::optional<Request> Operations::likeliest(const DeviceKey &key) const
{
    const Device *const device = m_model->device(key);
    if (!device || device->isBusy())
        return std::nullopt;
    if (device->attachedTo)
        return Request{Request::Kind::Detach, key, {}, device->usb.identity()};
    const Suggestions found = suggestions(key);
    return found.isFirstExpected ? requestTo({key, device->usb.identity()}, found.targets.constFirst()) : std::nullopt;
}

void Operations::onJobFinished(const Job *job)
{
    const bool attached =
        job->kind() == Job::Kind::Attach || job->kind() == Job::Kind::Move || job->kind() == Job::Kind::StartAndAttach;
    if (!attached || job->end() != Job::End::Done || !job->device() || !job->qube())
        return;
    if (const Device *const device = m_model->device(*job->device()))
        m_settings->setLastQube(device->usb, *job->qube());
    Q_EMIT suggestionsChanged();
}

} // namespace control
