// SPDX-License-Identifier: GPL-2.0-or-later
// The part of DeviceModel that answers questions and starts jobs; how it learns what is true is in devicemodel.cpp.
#include "devicemodel.h"

#include "assignjob.h"
#include "detachjob.h"
#include "refusedjob.h"
#include "startqubejob.h"
#include "transferjob.h"

#include <algorithm>

namespace model {

// --- what is there -----------------------------------------------------------------------------------------------

QList<DeviceKey> DeviceModel::devicesOf(const QubeName &backend) const
{
    QList<DeviceKey> keys;
    for (auto it = m_rows.cbegin(); it != m_rows.cend(); ++it) {
        if (it.key().backend == backend)
            keys.append(it.key());
    }
    return keys;
}

const Device *DeviceModel::device(const DeviceKey &key) const
{
    const auto found = m_rows.constFind(key);
    return found == m_rows.cend() ? nullptr : &*found;
}

QList<QubeName> DeviceModel::backends() const
{
    QList<QubeName> names;
    for (auto it = m_inventory.backends().cbegin(); it != m_inventory.backends().cend(); ++it) {
        // Nobody expects devices in dom0, so that it has none or keeps them to itself is no news.
        const bool troubled = it->problem && !it.key().isDom0();
        if (!it->devices.isEmpty() || it->unreadable > 0 || troubled)
            names.append(it.key());
    }
    for (const Qube &qube : m_inventory.qubes()) {
        const bool halted = qube.isHalted() && !qube.internal;
        const bool remembered = m_rememberedBackends.contains(qube.name());
        const bool wanted =
            (halted && (qube.usbController || remembered)) || (remembered && m_inventory.backend(qube.name()));
        if (wanted && !names.contains(qube.name()))
            names.append(qube.name());
    }
    std::sort(names.begin(), names.end());
    return names;
}

BackendStatus DeviceModel::backendStatus(const QubeName &name) const
{
    const Qube *const known = m_inventory.qube(name);
    if (known && !known->canHold())
        return {BackendStatus::Kind::Halted, {}, 0};
    const Inventory::Backend *const backend = m_inventory.backend(name);
    if (!backend || (!backend->listed && !backend->problem))
        return {BackendStatus::Kind::Reading, {}, 0};
    if (backend->problem)
        return {BackendStatus::Kind::Unreadable, backend->problem, backend->unreadable};
    return {BackendStatus::Kind::Listed, {}, backend->unreadable};
}

void DeviceModel::setRememberedBackends(const QList<QubeName> &backends)
{
    m_rememberedBackends = backends;
    checkBackends();
}

QList<QubeName> DeviceModel::qubes() const
{
    QList<QubeName> names = m_inventory.qubes().keys();
    std::sort(names.begin(), names.end());
    return names;
}

quint32 DeviceModel::labelColor(const Qube &qube) const
{
    return qube.properties && qube.properties->label ? m_labelColors.value(*qube.properties->label) : 0;
}

QList<Target> DeviceModel::targets(const DeviceKey &key) const
{
    QList<Target> found;
    const Device *const row = device(key);
    if (!row)
        return found;
    for (const Qube &qube : m_inventory.qubes()) {
        if (!qube.isForUsers() || qube.name() == key.backend || qube.name() == row->attachedTo)
            continue;
        Target target{Target::Kind::Running, qube.name(), {}, {}, false};
        target.preferred = std::any_of(row->assignments.begin(), row->assignments.end(),
                                       [&](const Assignment &rule) { return rule.frontend == qube.name(); });
        const bool paused = qube.listing.state == PowerState::Paused || qube.listing.state == PowerState::Suspended;
        const bool makesDisposables = qube.properties && qube.properties->disposableTemplate;
        target.denied = deniedInterface(qube, row->usb);
        if (target.denied)
            target.obstacle = Failure{Reason::DeniedInterface, {}};
        else if (paused)
            target.obstacle = Failure{Reason::QubePaused, {}};
        if (makesDisposables) {
            Target disposable = target;
            disposable.kind = Target::Kind::DisposableTemplate;
            if (!target.denied)
                disposable.obstacle.reset();
            found.append(disposable);
        }
        if (qube.isRunning() || paused) {
            found.append(target);
        } else if (qube.isHalted() && !makesDisposables && qube.listing.qubeClass != QubeClass::Template) {
            target.kind = Target::Kind::Halted;
            found.append(target);
        }
    }
    std::sort(found.begin(), found.end(), [](const Target &a, const Target &b) {
        return std::tuple(!a.preferred, a.kind, a.qube) < std::tuple(!b.preferred, b.kind, b.qube);
    });
    return found;
}

QList<Job *> DeviceModel::activeJobs() const
{
    QList<Job *> active = findChildren<Job *>(Qt::FindDirectChildrenOnly);
    active.removeIf([](const Job *job) { return job->hasEnded(); });
    return active;
}

// --- what can be done --------------------------------------------------------------------------------------------

std::optional<Reason> DeviceModel::whyNot(const DeviceKey &key) const
{
    if (!device(key))
        return Reason::NoSuchDevice;
    if (m_jobs.contains(key))
        return Reason::Busy;
    return std::nullopt;
}

std::optional<Reason> DeviceModel::whyNotTo(const DeviceKey &key, const QubeName &frontend) const
{
    if (const auto reason = whyNot(key))
        return reason;
    // The server says OK to dom0 and does nothing, and does not mind a device going to its own backend.
    if (frontend.isDom0() || frontend == key.backend)
        return Reason::Invalid;
    const Qube *const known = m_inventory.qube(frontend);
    if (!known)
        return Reason::NoSuchQube;
    if (deniedInterface(*known, device(key)->usb))
        return Reason::DeniedInterface;
    return std::nullopt;
}

template <typename J>
Job *DeviceModel::launch(J *job)
{
    const bool moves = job->kind() != Job::Kind::Assign && job->kind() != Job::Kind::Unassign &&
                       job->kind() != Job::Kind::SetMode && job->kind() != Job::Kind::StartQube;
    if (moves) {
        m_jobs.insert(*job->device(), job);
        m_failures.remove(*job->device());
        connect(job, &Job::stepChanged, this, &DeviceModel::sync);
    }
    connect(job, &Job::finished, this, [this, job] { onJobFinished(job); });
    connect(job, &Job::over, job, &QObject::deleteLater);
    job->begin();
    sync();
    Q_EMIT jobStarted(job);
    return job;
}

Job *DeviceModel::refuse(Job::Kind kind, const DeviceKey &key, std::optional<QubeName> qube, Reason reason)
{
    auto *const job = new RefusedJob(this, kind, key, std::move(qube), Failure{reason, {}});
    connect(job, &Job::finished, this, [this, job] { Q_EMIT jobFinished(job); });
    connect(job, &Job::over, job, &QObject::deleteLater);
    job->begin();
    return job;
}

void DeviceModel::onJobFinished(Job *job)
{
    const auto &key = job->device();
    if (key && m_jobs.value(*key) == job) {
        m_jobs.remove(*key);
        if (job->end() == Job::End::Failed || job->end() == Job::End::TimedOut)
            m_failures.insert(*key, *job->failure());
        if (job->end() == Job::End::Cancelled && m_inventory.qube(key->backend))
            m_refresher.markNow(ReadKey{What::Devices, key->backend});
        sync();
    }
    Q_EMIT jobFinished(job);
}

Job *DeviceModel::attach(const DeviceKey &key, const QubeName &frontend)
{
    if (const auto reason = whyNotTo(key, frontend))
        return refuse(Job::Kind::Attach, key, frontend, *reason);
    return launch(new TransferJob(this, Job::Kind::Attach, key, {}, frontend));
}

Job *DeviceModel::detach(const DeviceKey &key)
{
    if (const auto reason = whyNot(key))
        return refuse(Job::Kind::Detach, key, {}, *reason);
    if (!device(key)->attachedTo)
        return refuse(Job::Kind::Detach, key, {}, Reason::NotAttached);
    return launch(new DetachJob(this, Job::Kind::Detach, key, *device(key)->attachedTo));
}

Job *DeviceModel::move(const DeviceKey &key, const QubeName &to)
{
    if (const auto reason = whyNotTo(key, to))
        return refuse(Job::Kind::Move, key, to, *reason);
    const auto from = device(key)->attachedTo;
    if (!from)
        return refuse(Job::Kind::Move, key, to, Reason::NotAttached);
    if (*from == to)
        return refuse(Job::Kind::Move, key, to, Reason::AlreadyAttached);
    return launch(new TransferJob(this, Job::Kind::Move, key, from, to));
}

Job *DeviceModel::startAndAttach(const DeviceKey &key, const QubeName &frontend)
{
    if (const auto reason = whyNotTo(key, frontend))
        return refuse(Job::Kind::StartAndAttach, key, frontend, *reason);
    return launch(new TransferJob(this, Job::Kind::StartAndAttach, key, device(key)->attachedTo, frontend));
}

Job *DeviceModel::attachToDisposable(const DeviceKey &key, const QubeName &disposableTemplate)
{
    if (const auto reason = whyNotTo(key, disposableTemplate))
        return refuse(Job::Kind::AttachToDisposable, key, {}, *reason);
    const auto from = device(key)->attachedTo;
    return launch(new TransferJob(this, Job::Kind::AttachToDisposable, key, from, disposableTemplate));
}

Job *DeviceModel::detachAndShutdown(const DeviceKey &key)
{
    if (const auto reason = whyNot(key))
        return refuse(Job::Kind::DetachAndShutdown, key, {}, *reason);
    if (!device(key)->attachedTo)
        return refuse(Job::Kind::DetachAndShutdown, key, {}, Reason::NotAttached);
    return launch(new DetachJob(this, Job::Kind::DetachAndShutdown, key, *device(key)->attachedTo));
}

Job *DeviceModel::assign(const DeviceKey &key, const QubeName &frontend, AssignScope scope, AssignMode mode)
{
    const Device *const row = device(key);
    if (!row)
        return refuse(Job::Kind::Assign, key, frontend, Reason::NoSuchDevice);
    if (frontend.isDom0() || frontend == key.backend)
        return refuse(Job::Kind::Assign, key, frontend, Reason::Invalid);
    const bool modern = generation() == Generation::Modern;
    const bool possible = modern ? mode == AssignMode::Ask || mode == AssignMode::Automatic
                                 : mode == AssignMode::Persistent && scope == AssignScope::Port;
    if (!possible || (scope != AssignScope::Port && !(row->usb.id && row->usb.id->isKnown())))
        return refuse(Job::Kind::Assign, key, frontend, Reason::NotSupported);
    Assignment rule{frontend, key.backend, key.port, row->usb.id, mode};
    if (scope == AssignScope::Port)
        rule.device.reset();
    if (scope == AssignScope::Device)
        rule.port.reset();
    return launch(new AssignJob(this, Job::Kind::Assign, key, rule, mode));
}

Job *DeviceModel::unassign(const DeviceKey &key, const Assignment &assignment)
{
    return launch(new AssignJob(this, Job::Kind::Unassign, key, assignment, assignment.mode));
}

Job *DeviceModel::setAssignMode(const DeviceKey &key, const Assignment &assignment, AssignMode mode)
{
    if (generation() != Generation::Modern || (mode != AssignMode::Ask && mode != AssignMode::Automatic))
        return refuse(Job::Kind::SetMode, key, assignment.frontend, Reason::NotSupported);
    return launch(new AssignJob(this, Job::Kind::SetMode, key, assignment, mode));
}

Job *DeviceModel::startQube(const QubeName &qube)
{
    return launch(new StartQubeJob(this, qube));
}

void DeviceModel::dismissFailure(const DeviceKey &key)
{
    if (m_failures.remove(key))
        sync();
}

void DeviceModel::refresh()
{
    if (connection() == Connection::Connected || connection() == Connection::WithoutEvents)
        readEverything();
}

void DeviceModel::lookIfOld()
{
    if (connection() != Connection::Connected && connection() != Connection::WithoutEvents)
        return;
    if (!m_wantAll)
        wantAll();
    const auto lookAt = [this](const ReadKey &key) {
        const auto age = m_refresher.age(key);
        if (!m_refresher.isPending(key) && (!age || *age > m_timing.old))
            m_refresher.markNow(key);
    };
    lookAt(ReadKey{What::Qubes, {}});
    for (const QubeName &backend : backends()) {
        const Qube *const known = m_inventory.qube(backend);
        if (known && known->canHold())
            lookAt(ReadKey{What::Devices, backend});
    }
}

// --- for jobs ----------------------------------------------------------------------------------------------------

void DeviceModel::reread(const DeviceKey &key, const QubeName &frontend, std::function<void(bool read)> then)
{
    const auto usable = [this](const QubeName &name) {
        const Qube *const known = m_inventory.qube(name);
        return known && known->canHold();
    };
    const bool connected = connection() == Connection::Connected || connection() == Connection::WithoutEvents;
    if (!connected || !usable(key.backend)) {
        // Nothing can be read; what is known is all there will be.
        QMetaObject::invokeMethod(
            this, [then = std::move(then)] { then(false); }, Qt::QueuedConnection);
        return;
    }
    const ReadKey devices{What::Devices, key.backend};
    if (generation() == Generation::Legacy && usable(frontend)) {
        m_refresher.markNow(ReadKey{What::Attached, frontend},
                            [this, devices, then = std::move(then)](bool) { m_refresher.markNow(devices, then); });
        return;
    }
    m_refresher.markNow(devices, std::move(then));
}

void DeviceModel::rereadAssignments(const QubeName &frontend, std::function<void(bool read)> then)
{
    const What what = generation() == Generation::Legacy ? What::Attached : What::Assigned;
    m_refresher.markNow(ReadKey{what, frontend}, std::move(then));
}

void DeviceModel::lookAgain()
{
    m_refresher.markNow(ReadKey{What::Qubes, {}});
}

} // namespace model
