// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "menucontext.h"

#include <QMap>
#include <QMenu>

namespace ui {

class QubeRuleMenu;

/// The submenu "Attach automatically" of a device: which rules there are, and for each qube what can be chosen.
class RulesMenu : public QObject
{
    Q_OBJECT
public:
    RulesMenu(const MenuContext &context, model::DeviceChoice choice, QObject *parent);
    ~RulesMenu() override;

    QAction *action() const { return m_menu.menuAction(); }
    void update();

private:
    /// Qubes with a rule first, then where the device is or was, then the running ones.
    QList<model::QubeName> candidates(const model::Device &device) const;
    void updateMore();
    QubeRuleMenu *menuOf(const model::QubeName &qube);

    MenuContext m_context;
    model::DeviceChoice m_choice; ///< the device that the entries are about
    QMenu m_menu;
    QMenu m_more; ///< filled when it is opened
    QAction *m_window;
    QList<model::QubeName> m_others;
    QMap<model::QubeName, QubeRuleMenu *> m_qubes;
};

} // namespace ui
