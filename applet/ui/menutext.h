// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>

namespace ui {

/// Who puts a menu on the screen. The two read the texts of actions differently.
enum class DrawnBy {
    Qt,    ///< a QMenu of this process
    Panel, ///< the panel, from what Qt exports as com.canonical.dbusmenu
};

/// The text of an action that shows exactly `plain`, without an access key.
QString menuText(const QString &plain, DrawnBy drawnBy);

} // namespace ui
