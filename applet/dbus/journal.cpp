// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.h"

#include "errors.h"

namespace dbus {

using model::DeviceKey;
using model::DeviceModel;
using model::Job;
using model::QubeName;

Q_LOGGING_CATEGORY(logJobs, "qubes.usb.jobs", QtInfoMsg)
Q_LOGGING_CATEGORY(logDevices, "qubes.usb.devices", QtInfoMsg)
Q_LOGGING_CATEGORY(logConnection, "qubes.usb.connection", QtInfoMsg)

namespace {

const char *wordsOf(model::Connection connection)
{
    switch (connection) {
    case model::Connection::Connecting:
        return "connecting to Qubes";
    case model::Connection::Connected:
        return "connected to Qubes";
    case model::Connection::WithoutEvents:
        return "connected to Qubes, whose policy allows no events: changes are seen late";
    case model::Connection::Disconnected:
        break;
    }
    return "no connection to Qubes; trying again";
}

} // namespace

Journal::Journal(DeviceModel *model, QObject *parent)
    : QObject(parent)
{
    connect(model, &DeviceModel::connectionChanged, this, [](model::Connection connection) {
        if (connection == model::Connection::Disconnected)
            qCWarning(logConnection, "%s", wordsOf(connection));
        else
            qCInfo(logConnection, "%s", wordsOf(connection));
    });
    connect(model, &DeviceModel::deviceAdded, this, [model](const DeviceKey &key) {
        if (const model::Device *const device = model->device(key))
            qCDebug(logDevices, "%s (%s) is there", qUtf8Printable(key.toString()),
                    qUtf8Printable(device->usb.vidPid()));
    });
    connect(model, &DeviceModel::deviceRemoved, this, [](const model::Device &last) {
        qCDebug(logDevices, "%s has gone", qUtf8Printable(last.key().toString()));
    });
    m_minute.start();
    connect(model, &DeviceModel::deviceAttached, this,
            [this](const DeviceKey &key, const QubeName &qube) { tellChange(key, "attached to", qube); });
    connect(model, &DeviceModel::deviceDetached, this,
            [this](const DeviceKey &key, const QubeName &qube) { tellChange(key, "detached from", qube); });
    connect(model, &DeviceModel::jobStarted, this, [this](const Job *job) {
        qCDebug(logJobs, "%s: begins", qUtf8Printable(jobText(*job)));
        connect(job, &Job::over, this, [job] { onOver(*job); });
    });
}

void Journal::tellChange(const DeviceKey &key, const char *what, const QubeName &qube)
{
    if (m_minute.hasExpired(60000)) {
        m_minute.start();
        m_changes = 0;
    }
    if (++m_changes <= changesPerMinute)
        qCInfo(logDevices, "%s is %s %s", qUtf8Printable(key.toString()), what, qUtf8Printable(qube.toString()));
    else if (m_changes == changesPerMinute + 1)
        qCWarning(logDevices, "more than %d changes in a minute: the rest of it is not logged", changesPerMinute);
}

void Journal::onOver(const Job &job)
{
    switch (job.end()) {
    case Job::End::Done:
        qCInfo(logJobs, "%s: done", qUtf8Printable(jobText(job)));
        break;
    case Job::End::Cancelled:
        qCInfo(logJobs, "%s: cancelled", qUtf8Printable(jobText(job)));
        break;
    case Job::End::Failed:
    case Job::End::TimedOut:
        qCWarning(logJobs, "%s", qUtf8Printable(errorMessage(job)));
        break;
    }
}

} // namespace dbus
