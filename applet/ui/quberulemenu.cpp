// SPDX-License-Identifier: GPL-2.0-or-later
#include "quberulemenu.h"

#include "actionlist.h"
#include "wording.h"

namespace ui {

using control::Request;
using control::RuleChoice;
using model::Assignment;
using model::AssignMode;
using model::AssignScope;

namespace {

bool fits(const Assignment &rule, const RuleChoice &choice)
{
    const bool port = choice.scope != AssignScope::Device;
    const bool device = choice.scope != AssignScope::Port;
    return rule.mode == choice.mode && rule.port.has_value() == port && rule.device.has_value() == device;
}

} // namespace

QubeRuleMenu::QubeRuleMenu(const MenuContext &context, model::DeviceChoice choice, model::QubeName qube,
                           QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_choice(std::move(choice))
    , m_qube(std::move(qube))
    , m_elsewhere(new QAction(this))
{
    add(tr("Off"), {});
    m_menu.addSeparator();
    if (m_context.model->generation() == model::Generation::Legacy) {
        add(tr("This port, whenever the qube starts"), RuleChoice{AssignScope::Port, AssignMode::Persistent});
    } else {
        add(tr("Automatically: this device at this port"),
            RuleChoice{AssignScope::PortAndDevice, AssignMode::Automatic});
        add(tr("Automatically: this device at any port"), RuleChoice{AssignScope::Device, AssignMode::Automatic});
        add(tr("Automatically: any device at this port"), RuleChoice{AssignScope::Port, AssignMode::Automatic});
        m_menu.addSeparator();
        add(tr("Ask first: this device at this port"), RuleChoice{AssignScope::PortAndDevice, AssignMode::Ask});
        add(tr("Ask first: this device at any port"), RuleChoice{AssignScope::Device, AssignMode::Ask});
        add(tr("Ask first: any device at this port"), RuleChoice{AssignScope::Port, AssignMode::Ask});
    }
    m_elsewhere->setEnabled(false);
    m_elsewhere->setCheckable(true);
    m_elsewhere->setChecked(true);
    m_menu.addAction(m_elsewhere);
}

QubeRuleMenu::~QubeRuleMenu() = default;

void QubeRuleMenu::add(const QString &plain, std::optional<RuleChoice> rule)
{
    QAction *const action = m_menu.addAction(m_context.text(plain));
    action->setCheckable(true);
    m_choices.append({rule, action});
    connect(action, &QAction::triggered, this, [this, rule] {
        m_context.operations->perform({Request::Kind::SetRule, m_choice.key, m_qube, m_choice.seen, rule});
        update(); // what is checked is what the model knows, not what was clicked
    });
}

bool QubeRuleMenu::isPossible(const Choice &choice, const model::Device &device) const
{
    if (!choice.rule)
        return true;
    if (choice.rule->mode == AssignMode::Persistent)
        return device.attachedTo == m_qube;
    return choice.rule->scope == AssignScope::Port || (device.usb.id && device.usb.id->isKnown());
}

void QubeRuleMenu::update()
{
    const model::Device *const device = m_context.model->device(m_choice.key);
    if (!device)
        return;
    QList<Assignment> rules = device->assignments;
    rules.removeIf([this](const Assignment &rule) { return rule.frontend != m_qube; });
    qsizetype shown = 0;
    for (const Choice &choice : m_choices) {
        const bool checked = choice.rule ? std::any_of(rules.begin(), rules.end(),
                                                       [&](const Assignment &rule) { return fits(rule, *choice.rule); })
                                         : rules.isEmpty();
        shown += checked && choice.rule ? 1 : 0;
        choice.action->setChecked(checked);
        choice.action->setEnabled(checked || isPossible(choice, *device));
    }
    m_elsewhere->setVisible(shown < rules.size());
    if (shown < rules.size())
        m_elsewhere->setText(m_context.text(tr("Made elsewhere: %1").arg(Wording::mode(rules.last().mode))));
    // Not by colour or a check mark alone: the row itself says whether there is a rule.
    m_menu.setTitle(m_context.text(rules.isEmpty() ? m_qube.toString() : Wording::rule(rules.first())));
    setIconOf(action(), m_context.qubeIcon(m_qube));
}

} // namespace ui
