// SPDX-License-Identifier: GPL-2.0-or-later
#include "activitylog.h"

#include "failuretext.h"
#include "wording.h"

#include <QIcon>
#include <QLocale>

namespace ui {

using model::Device;
using model::DeviceKey;
using model::DeviceModel;
using model::Job;
using model::QubeName;

ActivityLog::ActivityLog(DeviceModel *model, QObject *parent)
    : QAbstractListModel(parent)
    , m_model(model)
{
    connect(model, &DeviceModel::deviceAdded, this, [this](const DeviceKey &key, model::Appearance appearance) {
        if (appearance == model::Appearance::PluggedIn)
            add(tr("%1 plugged in").arg(nameOf(key)));
    });
    connect(model, &DeviceModel::deviceRemoved, this, [this](const Device &last) {
        const QString name = QStringLiteral("%1 (%2)").arg(Wording::name(*m_model, last.usb), last.key().toString());
        if (last.attachedTo)
            add(tr("%1 removed while attached to %2").arg(name, last.attachedTo->toString()), true);
        else
            add(tr("%1 removed").arg(name));
    });
    connect(model, &DeviceModel::deviceAttached, this, [this](const DeviceKey &key, const QubeName &qube) {
        add(tr("%1 attached to %2").arg(nameOf(key), qube.toString()));
    });
    connect(model, &DeviceModel::deviceDetached, this, [this](const DeviceKey &key, const QubeName &qube) {
        add(tr("%1 detached from %2").arg(nameOf(key), qube.toString()));
    });
    connect(model, &DeviceModel::connectionChanged, this, [this](model::Connection connection) {
        add(Wording::connection(connection), connection == model::Connection::Disconnected);
    });
    connect(model, &DeviceModel::jobFinished, this, &ActivityLog::onJobFinished);
}

ActivityLog::~ActivityLog() = default;

void ActivityLog::onJobFinished(Job *job)
{
    if (job->end() == Job::End::Done)
        return; // what came of it is told by the truth that changed
    connect(job, &Job::over, this, [this, job] {
        const QString text = QStringLiteral("%1: %2").arg(FailureText::headline(*job), FailureText::explanation(*job));
        // As it was called then: another one may be in its place.
        const QString place = job->device() ? job->device()->toString() : QString();
        const QString name =
            job->subject().isEmpty() ? place : QStringLiteral("%1 (%2)").arg(job->subject().toString(), place);
        add(place.isEmpty() ? text : QStringLiteral("%1: %2").arg(name, text), true);
    });
}

QString ActivityLog::nameOf(const DeviceKey &key) const
{
    const Device *const device = m_model->device(key);
    return device ? QStringLiteral("%1 (%2)").arg(Wording::name(*m_model, device->usb), key.toString())
                  : key.toString();
}

void ActivityLog::add(const QString &text, bool trouble)
{
    if (m_entries.size() == limit) {
        beginRemoveRows({}, limit - 1, limit - 1);
        m_entries.removeLast();
        endRemoveRows();
    }
    beginInsertRows({}, 0, 0);
    m_entries.prepend({QDateTime::currentDateTime(), text, trouble});
    endInsertRows();
}

int ActivityLog::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant ActivityLog::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_entries.size())
        return {};
    const Entry &entry = m_entries.at(index.row());
    if (role == Qt::DisplayRole) {
        const QString when = QLocale().toString(entry.when.time(), QLocale::ShortFormat);
        return QStringLiteral("%1  %2").arg(when, entry.text);
    }
    if (role == Qt::DecorationRole && entry.trouble)
        return QIcon::fromTheme(QStringLiteral("dialog-warning"));
    return {};
}

} // namespace ui
