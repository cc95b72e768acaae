// SPDX-License-Identifier: GPL-2.0-or-later
#include "rulesmenu.h"

#include "actionlist.h"
#include "quberulemenu.h"

namespace ui {

using model::Device;
using model::QubeName;

namespace {

/// More than these are put into a submenu of their own, which is filled when it is opened. Panels export and draw all
/// that there is, and do not give more room to a menu that grows while it opens; there the window is offered instead.
qsizetype shownAtOnce(DrawnBy drawnBy)
{
    return drawnBy == DrawnBy::Panel ? 3 : 6;
}

} // namespace

RulesMenu::RulesMenu(const MenuContext &context, model::DeviceChoice choice, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_choice(std::move(choice))
    , m_window(new QAction(m_context.text(tr("Other qubes…")), this))
{
    m_menu.setTitle(m_context.text(tr("Attach automatically")));
    m_menu.setIcon(m_context.symbol("emblem-synchronizing", "symbol-rule"));
    m_more.setTitle(m_context.text(tr("Other qubes")));
    connect(&m_more, &QMenu::aboutToShow, this, &RulesMenu::updateMore);
    connect(m_window, &QAction::triggered, this, [this] { m_context.operations->show(m_choice.key); });
}

RulesMenu::~RulesMenu() = default;

QubeRuleMenu *RulesMenu::menuOf(const QubeName &qube)
{
    QubeRuleMenu *&menu = m_qubes[qube];
    if (!menu)
        menu = new QubeRuleMenu(m_context, m_choice, qube, this);
    menu->update();
    return menu;
}

QList<QubeName> RulesMenu::candidates(const Device &device) const
{
    QList<QubeName> found;
    const auto add = [&](const QubeName &qube) {
        if (!found.contains(qube))
            found.append(qube);
    };
    for (const model::Assignment &rule : device.assignments)
        add(rule.frontend);
    // R4.1 and R4.2 make a rule only for the qube that has the device.
    if (device.attachedTo)
        add(*device.attachedTo);
    if (m_context.model->generation() != model::Generation::Modern)
        return found;
    const auto last = m_context.operations->lastQube(m_choice.key);
    if (last && m_context.model->qube(*last))
        add(*last);
    QList<QubeName> halted;
    for (const QubeName &name : m_context.model->qubes()) {
        const model::Qube *const qube = m_context.model->qube(name);
        if (!qube || !qube->isForUsers() || name == m_choice.key.backend ||
            qube->listing.qubeClass == model::QubeClass::Template)
            continue;
        if (qube->isRunning())
            add(name);
        else
            halted.append(name);
    }
    for (const QubeName &name : halted)
        add(name);
    return found;
}

void RulesMenu::update()
{
    const Device *const device = m_context.model->device(m_choice.key);
    if (!device)
        return;
    const QList<QubeName> all = candidates(*device);
    QList<QAction *> wanted;
    for (const QubeName &qube : all.first(std::min(all.size(), shownAtOnce(m_context.drawnBy))))
        wanted.append(menuOf(qube)->action());
    m_others = all.sliced(wanted.size());
    if (m_more.isVisible() || m_others.isEmpty())
        updateMore();
    if (!m_others.isEmpty())
        wanted.append(m_context.drawnBy == DrawnBy::Panel ? m_window : m_more.menuAction());
    arrangeActions(&m_menu, wanted);
    m_menu.setEnabled(!wanted.isEmpty());
    m_qubes.removeIf([&](const auto &entry) {
        if (all.contains(entry.key()))
            return false;
        entry.value()->deleteLater();
        return true;
    });
}

void RulesMenu::updateMore()
{
    QList<QAction *> wanted;
    for (const QubeName &qube : m_others)
        wanted.append(menuOf(qube)->action());
    arrangeActions(&m_more, wanted);
}

} // namespace ui
