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
    , m_what(line())
    , m_identity(line())
    , m_window(new QAction(m_context.text(tr("Choose a qube…")), this))
{
    connect(m_window, &QAction::triggered, this, [this] { m_context.operations->show(m_key); });
    if (const Device *const now = m_context.model->device(m_key))
        m_seen = now->usb.identity();
    connect(&m_menu, &QMenu::aboutToShow, this, &DeviceMenu::fill);
    update();
}

DeviceMenu::~DeviceMenu() = default;

QAction *DeviceMenu::line()
{
    auto *const action = new QAction(this);
    action->setEnabled(false);
    return action;
}

const Device *DeviceMenu::device() const
{
    const Device *const now = m_context.model->device(m_key);
    return now && now->usb.identity() == m_seen ? now : nullptr;
}

void DeviceMenu::fill()
{
    if (!m_actions) {
        m_serial = line();
        m_interfaces = line();
        m_detailsEnd = new QAction(this);
        m_detailsEnd->setSeparator(true);
        m_actions = new DeviceActions(m_context, {m_key, m_seen}, this);
    }
    update();
}

void DeviceMenu::update()
{
    const Device *const device = this->device();
    if (!device)
        return;
    m_menu.setTitle(m_context.text(Wording::menuRow(*m_context.model, *device)));
    setIconOf(action(), device->state == model::DeviceState::Failed
                            ? m_context.symbol("dialog-error", "symbol-error")
                            : m_context.icons->device(device->usb.category(), m_context.form()));
    const QString name = Wording::name(*m_context.model, device->usb);
    const QString what = Wording::category(device->usb.category());
    const bool saysWhat = !m_context.model->isProductNamed(device->usb); // then the name has it already
    m_what->setText(m_context.text(saysWhat ? name : QStringLiteral("%1 · %2").arg(name, what)));
    const QString ids = device->usb.vidPid();
    const QString place = tr("Port %1").arg(m_key.port.toString());
    m_identity->setText(m_context.text(ids.isEmpty() ? place : QStringLiteral("%1 · %2").arg(ids, place)));
    QList<QAction *> wanted{m_what, m_identity};
    if (!isFilled() && m_context.drawnBy == DrawnBy::Panel)
        wanted.append(m_window);
    if (isFilled()) {
        m_serial->setText(m_context.text(tr("Serial number %1").arg(device->usb.serial.toString())));
        if (!device->usb.serial.isEmpty())
            wanted.append(m_serial);
        m_interfaces->setText(m_context.text(tr("Interfaces: %1").arg(Wording::interfaces(device->usb))));
        if (!device->usb.interfaces.isEmpty())
            wanted.append(m_interfaces);
        wanted.append(m_detailsEnd);
        m_actions->update(*device, wanted);
    }
    arrangeActions(&m_menu, wanted);
}

} // namespace ui
