// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicemenu.h"

#include "actionlist.h"
#include "wording.h"

namespace ui {

using model::Device;

DeviceMenu::DeviceMenu(const MenuContext &context, model::DeviceKey key, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_key(std::move(key))
    , m_chooser(new QAction(m_context.text(tr("Choose a qube…")), this))
    , m_details(new QAction(m_context.text(Wording::details()), this))
{
    if (const Device *const now = m_context.model->device(m_key))
        m_seen = now->usb.identity();
    connect(m_chooser, &QAction::triggered, this, [this] { m_context.operations->choose({m_key, m_seen}); });
    connect(m_details, &QAction::triggered, this, [this] { m_context.operations->show(m_key); });
    connect(&m_menu, &QMenu::aboutToShow, this, &DeviceMenu::fill);
    update();
}

DeviceMenu::~DeviceMenu() = default;

const Device *DeviceMenu::device() const
{
    return m_context.model->whyAnother({m_key, m_seen}) ? nullptr : m_context.model->device(m_key);
}

void DeviceMenu::fill()
{
    if (!m_actions)
        m_actions = new DeviceActions(m_context, {m_key, m_seen}, this);
    update();
}

void DeviceMenu::update()
{
    const Device *const device = this->device();
    if (!device)
        return;
    m_menu.setTitle(
        m_context.text(Wording::menuRow(*m_context.model, *device, m_context.operations->news()->contains(m_key))));
    setIconOf(action(), device->state == model::DeviceState::Failed
                            ? m_context.symbol("dialog-error", "symbol-error")
                            : m_context.icons->device(device->usb.category(), m_context.form()));
    QList<QAction *> wanted;
    if (m_actions)
        m_actions->update(*device, wanted);
    else
        wanted << m_chooser << m_details;
    arrangeActions(&m_menu, wanted);
}

} // namespace ui
