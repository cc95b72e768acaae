// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "appletmenu.h"
#include "traywatch.h"

#include <QSystemTrayIcon>

namespace ui {

/// The icon in the tray with its menu. Made once there is a tray; Qt brings it back when the panel restarts.
class TrayIcon : public QObject
{
    Q_OBJECT
public:
    TrayIcon(model::DeviceModel *model, Icons *icons, memory::Settings *settings, AppletMenu *menu,
             QObject *parent = nullptr);
    ~TrayIcon() override;

    static QString toolTip(const model::DeviceModel &model);

Q_SIGNALS:
    void windowRequested();
    /// Left click, where the settings want a menu: the panel shows its own only on a right click.
    void menuRequested();

private:
    void update();

    model::DeviceModel *m_model;
    Icons *m_icons;
    memory::Settings *m_settings;
    QSystemTrayIcon m_icon;
    QTimer m_updateTimer;
    std::optional<std::pair<AppletState, int>> m_shown; ///< and how many are attached
};

} // namespace ui
