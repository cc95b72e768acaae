// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "appletstate.h"

#include <QColor>
#include <QHash>
#include <QIcon>

namespace ui {

/// All icons: of the theme where it has them, else our own. What a panel draws gets pixels: a panel shows nothing for
/// a name that its own theme lacks.
class Icons
{
public:
    enum class Form {
        Named, ///< for our own windows
        Pixels ///< nameless; for menus that a panel draws
    };

    QIcon device(model::Category category, Form form);
    /// The qube's icon of the server, or a shape by its class in the colour of its label.
    QIcon qube(const model::Qube &qube, quint32 color, Form form);
    /// "system-shutdown" and the like; `fallback` is the name of one of ours, without path.
    QIcon symbol(const QString &name, const QString &fallback, Form form);
    /// For the tray: the name of a symbolic one that the panel colours itself, with pixels that read on any ground for
    /// a panel that does not know the name. `attached`: number of devices; shown in
    /// that state only.
    QIcon tray(AppletState state, int attached = 1);
    static QIcon application();

private:
    QIcon themed(const QString &name, const QString &file, Form form);
    /// Whether the theme has it. Asked once for each name and theme: where it has not, Qt searches all its folders.
    bool isThemed(const QString &name);
    /// Our SVG `file`, with its stand-in colour replaced by `color` if that is valid.
    static QIcon drawn(const QString &file, const QColor &color = {});
    static QIcon pixels(const QIcon &icon);

    QHash<QString, QIcon> m_cache;
    QHash<QString, bool> m_inTheme;
    QString m_theme; ///< what both were filled from
};

} // namespace ui
