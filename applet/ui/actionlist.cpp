// SPDX-License-Identifier: GPL-2.0-or-later
#include "actionlist.h"

#include <QSet>

namespace ui {

void arrangeActions(QMenu *menu, const QList<QAction *> &wanted)
{
    const QSet<QAction *> keep(wanted.begin(), wanted.end());
    for (QAction *const action : menu->actions()) {
        if (!keep.contains(action))
            menu->removeAction(action);
    }
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        const QList<QAction *> now = menu->actions();
        if (i < now.size() && now.at(i) == wanted.at(i))
            continue;
        // One that has gone down: taken out once, where otherwise all that it passes would be put in before it.
        if (i + 1 < now.size() && now.at(i + 1) == wanted.at(i)) {
            menu->removeAction(now.at(i));
            continue;
        }
        QAction *const before = i < now.size() ? now.at(i) : nullptr;
        menu->insertAction(before, wanted.at(i)); // also moves one that is further down
    }
}

void setIconOf(QAction *action, const QIcon &icon)
{
    if (action->icon().cacheKey() != icon.cacheKey())
        action->setIcon(icon);
}

} // namespace ui
