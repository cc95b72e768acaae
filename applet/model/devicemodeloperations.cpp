// SPDX-License-Identifier: GPL-2.0-or-later
// The part of DeviceModel that answers questions and starts jobs; how it learns what is true is in
// devicemodelreading.cpp.
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
        return {BackendStatus::Kind::Unreadable, backend->problem, backend->unreadable, backend->unshown};
    return {BackendStatus::Kind::Listed, {}, backend->unreadable, backend->unshown};
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

std::optional<Failure> DeviceModel::whyAnother(const DeviceChoice &choice) const
{
    const Device *const row = device(choice.key);
    if (!row)
        return Failure{isConnected() ? Reason::NoSuchDevice : Reason::Unreachable, {}};
    if (choice.seen && row->usb.identity() != *choice.seen)
        return Failure{Reason::AnotherDevice, name(row->usb)};
    return std::nullopt;
}

std::optional<Failure> DeviceModel::whyNot(const DeviceChoice &choice) const
{
    if (auto another = whyAnother(choice))
        return another;
    if (m_jobs.contains(choice.key))
        return Failure{Reason::Busy, {}};
    return std::nullopt;
}

std::optional<Failure> DeviceModel::whyNotTo(const DeviceChoice &choice, const QubeName &frontend) const
{
    if (auto failure = whyNot(choice))
        return failure;
    // The server says OK to dom0 and does nothing, and does not mind a device going to its own backend.
    if (frontend.isDom0() || frontend == choice.key.backend)
        return Failure{Reason::Invalid, {}};
    const Qube *const known = m_inventory.qube(frontend);
    if (!known)
        return Failure{Reason::NoSuchQube, {}};
    if (deniedInterface(*known, device(choice.key)->usb))
        return Failure{Reason::DeniedInterface, {}};
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
    connect(job, &Job::over, this, [this, job] { letGo(job); });
    connect(job, &Job::over, job, &QObject::deleteLater);
    job->begin();
    sync();
    Q_EMIT jobStarted(job);
    return job;
}

Job *DeviceModel::refuse(Job::Kind kind, const DeviceChoice &choice, std::optional<QubeName> qube, Failure failure)
{
    const Device *const row = device(choice.key);
    const PlainText subject = choice.seen ? name(UsbDevice(choice.key, *choice.seen))
                              : row       ? name(row->usb)
                                          : PlainText();
    auto *const job = new RefusedJob(this, kind, choice.key, std::move(qube), std::move(failure), subject);
    connect(job, &Job::finished, this, [this, job] { Q_EMIT jobFinished(job); });
    connect(job, &Job::over, job, &QObject::deleteLater);
    job->begin();
    return job;
}

void DeviceModel::onJobFinished(Job *job)
{
    const auto &key = job->device();
    if (key && m_jobs.value(*key) == job) {
        // Nobody waits for a job that was cancelled, but the server is still at it.
        if (job->end() != Job::End::Cancelled)
            m_jobs.remove(*key);
        // What is there instead has done nothing wrong.
        const bool isOfThisDevice = job->failure() && job->failure()->reason != Reason::AnotherDevice;
        if (isOfThisDevice && (job->end() == Job::End::Failed || job->end() == Job::End::TimedOut))
            showFailure(*key, *job->failure());
        sync();
    }
    Q_EMIT jobFinished(job);
}

/// For a while; what failed longer ago is in the log.
void DeviceModel::showFailure(const DeviceKey &key, const Failure &failure)
{
    const quint64 number = ++m_lastFailure;
    m_failures.insert(key, {failure, number});
    QTimer::singleShot(m_timing.failureShown, this, [this, key, number] {
        if (m_failures.value(key).number == number)
            dismissFailure(key);
    });
}

void DeviceModel::letGo(const Job *job)
{
    const auto &key = job->device();
    if (key && m_jobs.value(*key) == job) {
        m_jobs.remove(*key);
        sync();
    }
}

Job *DeviceModel::transfer(Job::Kind kind, const DeviceChoice &choice, const QubeName &to)
{
    // The name of a disposable is not known yet.
    const auto qube = kind == Job::Kind::AttachToDisposable ? std::nullopt : std::optional(to);
    if (const auto failure = whyNotTo(choice, to))
        return refuse(kind, choice, qube, *failure);
    const auto from = kind == Job::Kind::Attach ? std::nullopt : device(choice.key)->attachedTo;
    if (kind == Job::Kind::Move && !from)
        return refuse(kind, choice, qube, Failure{Reason::NotAttached, {}});
    if (kind == Job::Kind::Move && *from == to)
        return refuse(kind, choice, qube, Failure{Reason::AlreadyAttached, {}});
    return launch(new TransferJob(this, kind, choice.key, from, to));
}

Job *DeviceModel::release(Job::Kind kind, const DeviceChoice &choice)
{
    if (const auto failure = whyNot(choice))
        return refuse(kind, choice, {}, *failure);
    const auto from = device(choice.key)->attachedTo;
    if (!from)
        return refuse(kind, choice, {}, Failure{Reason::NotAttached, {}});
    return launch(new DetachJob(this, kind, choice.key, *from));
}

Job *DeviceModel::assign(const DeviceChoice &choice, const QubeName &frontend, AssignScope scope, AssignMode mode)
{
    if (const auto another = whyAnother(choice))
        return refuse(Job::Kind::Assign, choice, frontend, *another);
    const auto &[key, seen] = choice;
    if (frontend.isDom0() || frontend == key.backend)
        return refuse(Job::Kind::Assign, choice, frontend, Failure{Reason::Invalid, {}});
    const bool modern = generation() == Generation::Modern;
    const bool possible = modern ? mode == AssignMode::Ask || mode == AssignMode::Automatic
                                 : mode == AssignMode::Persistent && scope == AssignScope::Port;
    const auto id = device(key)->usb.id;
    if (!possible || (scope != AssignScope::Port && !(id && id->isKnown())))
        return refuse(Job::Kind::Assign, choice, frontend, Failure{Reason::NotSupported, {}});
    Assignment rule{frontend, key.backend, key.port, id, mode};
    if (scope == AssignScope::Port)
        rule.device.reset();
    if (scope == AssignScope::Device)
        rule.port.reset();
    return launch(new AssignJob(this, Job::Kind::Assign, key, rule, mode));
}

Job *DeviceModel::unassign(const DeviceChoice &choice, const Assignment &assignment)
{
    if (const auto another = whyAnother(choice))
        return refuse(Job::Kind::Unassign, choice, assignment.frontend, *another);
    return launch(new AssignJob(this, Job::Kind::Unassign, choice.key, assignment, assignment.mode));
}

Job *DeviceModel::setAssignMode(const DeviceChoice &choice, const Assignment &assignment, AssignMode mode)
{
    if (const auto another = whyAnother(choice))
        return refuse(Job::Kind::SetMode, choice, assignment.frontend, *another);
    if (generation() != Generation::Modern || (mode != AssignMode::Ask && mode != AssignMode::Automatic))
        return refuse(Job::Kind::SetMode, choice, assignment.frontend, Failure{Reason::NotSupported, {}});
    return launch(new AssignJob(this, Job::Kind::SetMode, choice.key, assignment, mode));
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
    if (isConnected())
        readEverything();
}

void DeviceModel::lookIfOld()
{
    if (!isConnected())
        return;
    if (!m_wantAll)
        wantAll();
    const auto lookAt = [this](const ReadKey &key) {
        const auto age = m_refresher.age(key);
        if (!m_refresher.isPending(key) && (!age || *age > m_timing.old))
            m_refresher.markNow(key);
    };
    lookAt(ReadKey{What::Qubes, {}});
    lookAt(ReadKey{What::DefaultDisposable, {}});
    for (const QubeName &backend : backends()) {
        const Qube *const known = m_inventory.qube(backend);
        if (known && known->canHold())
            lookAt(ReadKey{What::Devices, backend});
    }
    if (generation() != Generation::Legacy)
        return;
    // Of rules that others make there is no event, and R4.1 misses some of attachments, too.
    for (const Qube &qube : m_inventory.qubes()) {
        if (m_refresher.age(ReadKey{What::Attached, qube.name()}))
            lookAt(ReadKey{What::Attached, qube.name()});
    }
}

// --- for jobs ----------------------------------------------------------------------------------------------------

void DeviceModel::reread(const DeviceKey &key, const QubeName &frontend, std::function<void(bool read)> then)
{
    const auto usable = [this](const QubeName &name) {
        const Qube *const known = m_inventory.qube(name);
        return known && known->canHold();
    };
    if (!isConnected() || !usable(key.backend)) {
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
