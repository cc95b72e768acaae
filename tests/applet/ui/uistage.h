// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "stage.h"

#include "control/operations.h"
#include "ui/activitylog.h"
#include "ui/appletmenu.h"

#include <QAction>
#include <QMenu>
#include <QTemporaryDir>

namespace testing {

/// What the parts of the user interface need, on a fake qubesd.
class UiStage : public Stage
{
public:
    UiStage()
        : UiStage(Options{})
    {
    }
    explicit UiStage(const Options &options);

    QTemporaryDir folder;
    memory::Settings settings;
    ui::Icons icons;
    control::Operations operations;

    ui::MenuContext context(ui::DrawnBy drawnBy = ui::DrawnBy::Qt) { return {&model, &operations, &icons, drawnBy}; }

    /// Running qubes "qube0", …, and as many devices of sys-usb at ports 2-1, …; before it runs.
    void addQubesAndDevices(int qubes, int devices);

    /// The visible texts, in order; "-" is a separator, "(…)" a disabled entry, "…>" one with a submenu.
    static QStringList texts(const QMenu *menu);
    /// The first action whose text contains `part`, also in submenus; nothing if there is none.
    static QAction *find(const QMenu *menu, const QString &part);
};

} // namespace testing
