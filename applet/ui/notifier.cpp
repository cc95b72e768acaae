// SPDX-License-Identifier: GPL-2.0-or-later
#include "notifier.h"

#include "noticetext.h"
#include "wording.h"

#include <QIcon>

namespace ui {

using control::Request;
using dbus::Notification;
using model::Device;
using model::DeviceKey;
using model::DeviceModel;
using model::Job;
using model::QubeName;

namespace {

const QString attachKey = QStringLiteral("attach");
const QString chooseKey = QStringLiteral("choose");
const QString detailsKey = QStringLiteral("details");
const QString detachKey = QStringLiteral("detach");
const QString retryKey = QStringLiteral("retry");
const QString defaultKey = QStringLiteral("default");

/// A click on the notification itself. Without a label, which some servers would make a button of.
Notification::Action clickAction()
{
    return {defaultKey, {}};
}

} // namespace

Notifier::Notifier(DeviceModel *model, control::Operations *operations, memory::Settings *settings,
                   dbus::NotificationClient *client, Timing timing, QObject *parent)
    : QObject(parent)
    , m_model(model)
    , m_operations(operations)
    , m_settings(settings)
    , m_client(client)
    , m_timing(timing)
{
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(timing.quiet);
    m_patience.setSingleShot(true);
    m_patience.setInterval(timing.patience);
    m_restart.setSingleShot(true);
    m_restart.setInterval(timing.restart);
    connect(&m_restart, &QTimer::timeout, this, &Notifier::flushRemoved);
    connect(&m_quiet, &QTimer::timeout, this, &Notifier::flush);
    connect(&m_patience, &QTimer::timeout, this, &Notifier::flush);

    connect(model, &DeviceModel::deviceAdded, this, &Notifier::onAdded);
    connect(model, &DeviceModel::deviceRemoved, this, &Notifier::onRemoved);
    connect(model, &DeviceModel::deviceAttached, this, [this](const DeviceKey &key, const QubeName &qube) {
        m_offered.remove(key);
        whenDone(key, [=, this] { tellAttached(key, qube); });
    });
    connect(model, &DeviceModel::deviceDetached, this, [this](const DeviceKey &key, const QubeName &qube) {
        whenDone(key, [=, this] { tellDetached(key, qube); });
    });
    connect(model, &DeviceModel::jobStarted, this, &Notifier::onJobStarted);
    connect(model, &DeviceModel::jobFinished, this, [this](Job *job) {
        // What became of undoing it belongs to the story, so it is told when all is over.
        if (job->end() == Job::End::Failed || job->end() == Job::End::TimedOut)
            connect(job, &Job::over, this, [this, job] { onFailed(*job); });
    });
    connect(model, &DeviceModel::connectionChanged, this, &Notifier::onConnection);
    connect(client, &dbus::NotificationClient::actionInvoked, this, &Notifier::onAction);
    connect(client, &dbus::NotificationClient::closed, this,
            [this](quint64 handle) { m_handles.removeIf([=](const auto &entry) { return entry.value() == handle; }); });
}

Notifier::~Notifier() = default;

QString Notifier::iconOf(model::Category category) const
{
    // The server's theme is most likely ours.
    const QString name = model::categoryIconName(category);
    return !name.isEmpty() && QIcon::hasThemeIcon(name) ? name : QStringLiteral("org.qubes.UsbApplet");
}

void Notifier::show(const DeviceKey &key, Notification notification, model::Category category)
{
    if (notification.icon.isEmpty())
        notification.icon = iconOf(category);
    m_handles.insert(key, m_client->show(notification, m_handles.value(key)));
}

void Notifier::closeOf(const DeviceKey &key)
{
    if (const quint64 handle = m_handles.take(key))
        m_client->close(handle);
}

void Notifier::onAdded(const DeviceKey &key, model::Appearance appearance)
{
    if (appearance != model::Appearance::PluggedIn)
        return;
    m_pluggedIn.append(key);
    m_quiet.start();
    if (!m_patience.isActive())
        m_patience.start();
}

void Notifier::onRemoved(const Device &last, model::Disappearance disappearance)
{
    m_pluggedIn.removeOne(last.key()); // came and went: no news
    m_offered.remove(last.key());
    closeOf(last.key()); // what is plugged in there next is told beside what is told of this one
    if (!last.attachedTo || disappearance != model::Disappearance::Unplugged)
        return;
    if (!m_settings->isNoticeOn(Notice::RemovedInUse))
        return;
    // Who pulled it and whether it comes back is known later.
    m_removed.removeIf([&last](const Device &before) { return before.key() == last.key(); });
    m_removed.append(last);
    if (!m_restart.isActive())
        m_restart.start();
}

void Notifier::flush()
{
    m_quiet.stop();
    m_patience.stop();
    flushPluggedIn();
}

void Notifier::flushPluggedIn()
{
    const QList<DeviceKey> keys = std::exchange(m_pluggedIn, {});
    if (!m_settings->isNoticeOn(Notice::PluggedIn))
        return;
    const auto isNews = [this](const DeviceKey &key) {
        // Attached by a rule meanwhile: that is what is told.
        const Device *const device = m_model->device(key);
        const auto isSame = [device](const Device &last) {
            return last.key() == device->key() && last.usb.identity() == device->usb.identity();
        };
        return device && !device->attachedTo && !device->isBusy() &&
               std::none_of(m_removed.begin(), m_removed.end(), isSame); // that one has restarted itself
    };
    QStringList names;
    QList<const Device *> news;
    for (const DeviceKey &key : keys) {
        if (!isNews(key))
            continue;
        news.append(m_model->device(key));
        names.append(Wording::uniqueName(*m_model, *news.last()));
    }
    if (news.size() > atOnce) {
        Notification summary = NoticeText::manyPluggedIn(names);
        summary.icon = iconOf(model::Category::Other);
        summary.actions = {clickAction(), {chooseKey, NoticeText::choose()}};
        m_summary = m_client->show(summary, m_summary);
        return;
    }
    for (const Device *const device : news) {
        Notification notification = NoticeText::pluggedIn(*m_model, *device);
        notification.actions = {clickAction()};
        const auto likely = m_operations->likeliest(device->key());
        if (likely && likely->handsOver() && likely->qube) {
            m_offered.insert(device->key(), *likely);
            notification.actions.append({attachKey, Wording::attachTo(*likely->qube)});
        }
        notification.actions.append({chooseKey, NoticeText::choose()});
        show(device->key(), notification, device->usb.category());
    }
}

void Notifier::flushRemoved()
{
    QList<Device> removed = std::exchange(m_removed, {});
    if (!m_settings->isNoticeOn(Notice::RemovedInUse))
        return;
    // A backend that was shut down took them along: nobody pulled them.
    removed.removeIf([this](const Device &last) {
        const model::Qube *const backend = m_model->qube(last.key().backend);
        return !backend || !backend->isRunning();
    });
    removed.removeIf([this](const Device &last) {
        const Device *const now = backAgain(last);
        if (now)
            m_pluggedIn.removeOne(last.key()); // it was not
        if (now && !now->attachedTo && !now->isBusy())
            tellRestarted(last, *now);
        return now != nullptr;
    });
    if (removed.size() > atOnce) {
        QStringList names;
        for (const Device &device : removed)
            names.append(Wording::uniqueName(*m_model, device));
        Notification summary = NoticeText::manyRemovedInUse(names);
        summary.icon = QStringLiteral("dialog-warning");
        summary.actions = {clickAction()};
        m_summary = m_client->show(summary, m_summary);
        return;
    }
    for (const Device &device : removed) {
        Notification notification = NoticeText::removedInUse(*m_model, device);
        notification.icon = QStringLiteral("dialog-warning");
        notification.actions = {clickAction()};
        show(device.key(), notification, device.usb.category());
        m_handles.remove(device.key()); // what is plugged in there next is told beside it
    }
}

const Device *Notifier::backAgain(const Device &last) const
{
    const Device *const now = m_model->device(last.key());
    return now && now->usb.identity() == last.usb.identity() ? now : nullptr;
}

void Notifier::tellRestarted(const Device &last, const Device &now)
{
    Notification notification = NoticeText::restarted(*m_model, now, *last.attachedTo);
    notification.icon = QStringLiteral("dialog-warning");
    notification.actions = {
        clickAction(), {attachKey, Wording::attachTo(*last.attachedTo)}, {chooseKey, NoticeText::choose()}};
    m_offered.insert(now.key(), {Request::Kind::Attach, now.key(), last.attachedTo, now.usb.identity()});
    show(now.key(), notification, now.usb.category());
}

/// A backend has the device given or back before the call that did it is answered, and that may still fail. Until then
/// the row says what is being done, and so do we.
void Notifier::whenDone(const DeviceKey &key, const std::function<void()> &tell)
{
    const Job *const job = m_model->activeJob(key);
    if (!job || job->hasEnded()) {
        tell();
        return;
    }
    connect(job, &Job::finished, this, [job, tell] {
        if (job->end() == Job::End::Done || job->end() == Job::End::Cancelled)
            tell();
    });
}

void Notifier::tellAttached(const DeviceKey &key, const QubeName &qube)
{
    const Device *const device = m_model->device(key);
    if (!device || device->attachedTo != qube)
        return;
    if (!m_settings->isNoticeOn(Notice::Attached)) {
        closeOf(key); // "attaching…" would be a lie by now
        return;
    }
    Notification notification = NoticeText::attached(*m_model, *device, qube);
    notification.actions = {clickAction(), {detachKey, Wording::detach()}};
    m_offered.insert(key, {Request::Kind::Detach, key, {}, device->usb.identity()});
    show(key, notification, device->usb.category());
}

void Notifier::tellDetached(const DeviceKey &key, const QubeName &qube)
{
    const Device *const device = m_model->device(key);
    // On its way to another qube: what counts is whether it arrives.
    if (!device || device->attachedTo || device->state == model::DeviceState::Moving)
        return;
    if (!m_settings->isNoticeOn(Notice::Detached)) {
        closeOf(key);
        return;
    }
    Notification notification = NoticeText::detached(*m_model, *device, qube);
    notification.actions = {clickAction()};
    notification.transient = true;
    show(key, notification, device->usb.category());
}

void Notifier::onJobStarted(Job *job)
{
    if (!job->device() || !m_model->activeJob(*job->device()))
        return; // rules change at once
    const auto tell = [this, job] {
        const Device *const device = m_model->device(*job->device());
        if (job->hasEnded() || !device || !m_settings->isNoticeOn(Notice::Progress))
            return;
        Notification notification = NoticeText::progress(*m_model, *device, *job);
        notification.actions = {clickAction()};
        notification.transient = true;
        notification.urgency = Notification::Urgency::Low;
        m_inProgress.insert(device->key());
        show(device->key(), notification, device->usb.category());
    };
    auto *const timer = new QTimer(job);
    timer->setSingleShot(true);
    // What is shown says that it goes on. From the start, so before any word of what came of it.
    connect(job, &Job::finished, this, [this, job] {
        if (job->end() == Job::End::Cancelled && m_inProgress.remove(*job->device()))
            closeOf(*job->device());
    });
    connect(job, &Job::over, this, [this, key = *job->device()] { m_inProgress.remove(key); });
    connect(timer, &QTimer::timeout, this, [this, job, tell] {
        tell();
        connect(job, &Job::stepChanged, this, tell);
    });
    timer->start(m_timing.slow);
}

void Notifier::onFailed(const Job &job)
{
    if (!m_settings->isNoticeOn(Notice::Failed)) {
        if (job.device())
            closeOf(*job.device());
        return;
    }
    const Device *const device = job.device() ? m_model->device(*job.device()) : nullptr;
    const bool isAnother = job.failure() && job.failure()->reason == model::Reason::AnotherDevice;
    const QString name = device && !isAnother       ? Wording::uniqueName(*m_model, *device)
                         : !job.subject().isEmpty() ? job.subject().toString()
                         : job.device()             ? job.device()->toString()
                                                    : QString();
    Notification notification = NoticeText::failed(name, job);
    notification.icon = QStringLiteral("dialog-error");
    notification.actions = {clickAction()};
    if (device && m_operations->failed(device->key()))
        notification.actions.append({retryKey, Wording::retry()});
    notification.actions.append({detailsKey, NoticeText::details()});
    if (job.device())
        show(*job.device(), notification, model::Category::Other);
    else
        m_client->show(notification);
}

void Notifier::onConnection(model::Connection connection)
{
    if (connection == model::Connection::Connected || connection == model::Connection::WithoutEvents) {
        m_client->close(std::exchange(m_connection, 0));
    } else if (connection == model::Connection::Disconnected && m_settings->isNoticeOn(Notice::Connection)) {
        Notification notification = NoticeText::disconnected();
        notification.icon = QStringLiteral("network-error");
        notification.transient = true;
        m_connection = m_client->show(notification, m_connection);
    }
}

void Notifier::onAction(quint64 handle, const QString &action, const QString &token)
{
    std::optional<DeviceKey> key;
    for (auto it = m_handles.cbegin(); it != m_handles.cend(); ++it) {
        if (it.value() == handle)
            key = it.key();
    }
    // Its handle goes with the device, so what is there now is what the notification is about.
    const Device *const device = key ? m_model->device(*key) : nullptr;
    if (!device || action == defaultKey || action == detailsKey) {
        Q_EMIT showRequested(key, token);
        return;
    }
    if (action == chooseKey) {
        Q_EMIT chooserRequested({*key, device->usb.identity()}, token);
        return;
    }
    // What was shown is what is done: not what would be offered now.
    const auto offered = m_offered.constFind(*key);
    if (action == retryKey) {
        if (const auto again = m_operations->failed(*key))
            m_operations->perform(*again);
    } else if (offered != m_offered.cend() && action == (offered->handsOver() ? attachKey : detachKey)) {
        Request request = *offered;
        const model::Qube *const qube = request.qube ? m_model->qube(*request.qube) : nullptr;
        if (request.handsOver())
            request.kind = qube && qube->isHalted() ? Request::Kind::StartAndAttach : Request::Kind::Attach;
        m_operations->perform(request);
    }
}

} // namespace ui
