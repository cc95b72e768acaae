// SPDX-License-Identifier: GPL-2.0-or-later
#include "uistage.h"

namespace testing {

UiStage::UiStage(const Options &options)
    : Stage(options)
    , settings(folder.filePath(QStringLiteral("settings.ini")))
    , operations(&model, &settings)
{
}

QStringList UiStage::texts(const QMenu *menu)
{
    QStringList all;
    for (const QAction *const action : menu->actions()) {
        if (!action->isVisible())
            continue;
        QString text = action->isSeparator() ? QStringLiteral("-") : action->text();
        if (!action->isEnabled() && !action->isSeparator())
            text = QLatin1Char('(') + text + QLatin1Char(')');
        if (action->menu())
            text += QLatin1Char('>');
        all.append(text);
    }
    return all;
}

QAction *UiStage::find(const QMenu *menu, const QString &part)
{
    for (QAction *const action : menu->actions()) {
        if (action->isVisible() && action->text().contains(part))
            return action;
    }
    for (const QAction *const action : menu->actions()) {
        if (QAction *const below = action->menu() ? find(action->menu(), part) : nullptr)
            return below;
    }
    return nullptr;
}

} // namespace testing
