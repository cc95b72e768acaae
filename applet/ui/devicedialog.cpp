// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicedialog.h"

#include <QKeyEvent>

namespace ui {

using model::DeviceModel;

DeviceDialog::DeviceDialog(const MenuContext &context, model::DeviceChoice choice, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_choice(std::move(choice))
{
    setAttribute(Qt::WA_DeleteOnClose);
    DeviceModel *const model = m_context.model;
    model->lookIfOld(); // rules are read when somebody looks
    m_fillTimer.setSingleShot(true);
    m_fillTimer.setInterval(0); // many qubes may change at a time
    connect(&m_fillTimer, &QTimer::timeout, this, [this] {
        if (device())
            fill();
    });
    const auto changed = [this] { m_fillTimer.start(); };
    connect(model, &DeviceModel::qubeAdded, this, changed);
    connect(model, &DeviceModel::qubeChanged, this, changed);
    connect(model, &DeviceModel::qubeRemoved, this, changed);
    connect(model, &DeviceModel::deviceChanged, this, changed);
    connect(model, &DeviceModel::deviceRemoved, this, [this](const model::Device &last) {
        if (last.key() == m_choice.key)
            close();
    });
}

DeviceDialog::~DeviceDialog() = default;

const model::Device *DeviceDialog::device() const
{
    return m_context.model->whyAnother(m_choice) ? nullptr : m_context.model->device(m_choice.key);
}

bool DeviceDialog::isEnter(const QKeyEvent *event)
{
    return event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
}

void DeviceDialog::keyPressEvent(QKeyEvent *event)
{
    if (!isEnter(event) || !event->isAutoRepeat())
        QDialog::keyPressEvent(event);
}

} // namespace ui
