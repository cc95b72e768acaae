// SPDX-License-Identifier: GPL-2.0-or-later
#include "backendsection.h"

#include "actionlist.h"
#include "failuretext.h"
#include "wording.h"

namespace ui {

using model::BackendStatus;
using model::DeviceKey;

BackendSection::BackendSection(const MenuContext &context, model::QubeName backend, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_backend(std::move(backend))
    , m_heading(new QAction(this))
    , m_start(new QAction(this))
    , m_note(new QAction(this))
{
    m_heading->setEnabled(false);
    m_note->setEnabled(false);
    m_start->setIcon(m_context.symbol("media-playback-start", "symbol-start"));
    m_start->setText(m_context.text(tr("Start %1 to list its devices").arg(m_backend.toString())));
    connect(m_start, &QAction::triggered, this, [this] { m_context.operations->startQube(m_backend); });
    update();
}

BackendSection::~BackendSection() = default;

QString BackendSection::headingText(const BackendStatus &status) const
{
    const QString name = m_backend.toString();
    switch (status.kind) {
    case BackendStatus::Kind::Reading:
        return m_context.model->connection() == model::Connection::Disconnected ? name : tr("%1 (reading…)").arg(name);
    case BackendStatus::Kind::Halted:
        return tr("%1 (not running)").arg(name);
    case BackendStatus::Kind::Unreadable:
        return tr("%1 (cannot be read)").arg(name);
    case BackendStatus::Kind::Listed:
        break;
    }
    return name;
}

bool BackendSection::update()
{
    const QList<QAction *> before = actions();
    const BackendStatus status = m_context.model->backendStatus(m_backend);
    m_heading->setText(m_context.text(headingText(status)));
    setIconOf(m_heading, m_context.qubeIcon(m_backend));

    const QList<DeviceKey> keys = m_context.model->devicesOf(m_backend);
    for (const DeviceKey &key : keys) {
        if (!m_devices.contains(key))
            m_devices.insert(key, new DeviceMenu(m_context, key, this));
    }

    m_start->setVisible(status.kind == BackendStatus::Kind::Halted);
    QString note = Wording::missingRows(status);
    const bool problem = status.kind == BackendStatus::Kind::Unreadable || !note.isEmpty();
    if (status.kind == BackendStatus::Kind::Unreadable)
        note = FailureText::reason(status.problem.value_or(model::Failure{}));
    else if (!problem && status.kind == BackendStatus::Kind::Listed && keys.isEmpty())
        note = tr("No USB devices");
    m_note->setText(m_context.text(note));
    setIconOf(m_note, problem ? m_context.symbol("dialog-warning", "symbol-warning") : QIcon());
    m_note->setVisible(!note.isEmpty());
    return actions() != before;
}

void BackendSection::removeDevice(const DeviceKey &key)
{
    DeviceMenu *const device = m_devices.take(key);
    if (!device)
        return;
    device->action()->setVisible(false);
    device->deleteLater(); // a click on one of its actions may be what led here
}

void BackendSection::updateDevice(const DeviceKey &key)
{
    if (DeviceMenu *const device = m_devices.value(key))
        device->update();
}

QList<QAction *> BackendSection::actions() const
{
    QList<QAction *> all{m_heading};
    for (const bool news : {true, false}) { // these first
        for (auto it = m_devices.cbegin(); it != m_devices.cend(); ++it) {
            if (m_context.operations->news()->contains(it.key()) == news)
                all.append(it.value()->action());
        }
    }
    return all << m_start << m_note;
}

} // namespace ui
