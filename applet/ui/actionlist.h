// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QIcon>
#include <QList>
#include <QMenu>

namespace ui {

/// Makes the actions of `menu` be `wanted`, in that order, by as few removals and insertions as needed: panels keep an
/// open menu open as long as what it shows stays in place.
void arrangeActions(QMenu *menu, const QList<QAction *> &wanted);

/// Gives the action another icon only if it is another one: QAction tells everybody of each, and a panel is sent it.
void setIconOf(QAction *action, const QIcon &icon);

} // namespace ui
