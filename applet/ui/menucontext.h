// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/operations.h"
#include "icons.h"
#include "menutext.h"

namespace ui {

/// What all parts of one menu share. Nothing of it is owned; all of it outlives the menu.
struct MenuContext
{
    model::DeviceModel *model;
    control::Operations *operations;
    Icons *icons;
    DrawnBy drawnBy;

    QString text(const QString &plain) const { return menuText(plain, drawnBy); }
    Icons::Form form() const { return drawnBy == DrawnBy::Panel ? Icons::Form::Pixels : Icons::Form::Named; }
    QIcon symbol(const char *name, const char *fallback) const
    {
        return icons->symbol(QString::fromLatin1(name), QString::fromLatin1(fallback), form());
    }
    QIcon qubeIcon(const model::QubeName &name) const
    {
        const model::Qube *const qube = model->qube(name);
        return qube ? icons->qube(*qube, model->labelColor(*qube), form()) : QIcon();
    }
};

} // namespace ui
