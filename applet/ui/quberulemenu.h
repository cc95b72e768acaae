// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "menucontext.h"

#include <QList>
#include <QMenu>

namespace ui {

/// The rule of one qube about one device, as choices of which one is checked.
class QubeRuleMenu : public QObject
{
    Q_OBJECT
public:
    QubeRuleMenu(const MenuContext &context, model::DeviceChoice choice, model::QubeName qube, QObject *parent);
    ~QubeRuleMenu() override;

    QAction *action() const { return m_menu.menuAction(); }
    void update();

private:
    struct Choice
    {
        std::optional<control::RuleChoice> rule; ///< nothing: off
        QAction *action;
    };
    void add(const QString &plain, std::optional<control::RuleChoice> rule);
    bool isPossible(const Choice &choice, const model::Device &device) const;

    MenuContext m_context;
    model::DeviceChoice m_choice; ///< the device that the entries are about
    model::QubeName m_qube;
    QMenu m_menu;
    QList<Choice> m_choices;
    QAction *m_elsewhere; ///< a rule that was made elsewhere and fits no choice
};

} // namespace ui
