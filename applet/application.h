// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dbus/journal.h"
#include "dbus/notificationclient.h"
#include "dbus/service.h"
#include "qubes/adminclient.h"
#include "udevnames.h"
#include "ui/activitylog.h"
#include "ui/appletmenu.h"
#include "ui/appletwindow.h"
#include "ui/commandline.h"
#include "ui/notifier.h"
#include "ui/trayicon.h"
#include "ui/traywatch.h"

#include <QDBusConnection>
#include <QPointer>

/// Owns everything, and connects what the parts want of each other.
class Application : public QObject
{
    Q_OBJECT
public:
    explicit Application(const ui::CommandLine &options);
    ~Application() override;

    /// Begins to work; or, where another instance does, lets that one show its window and ends this one.
    void start();

private:
    void connectParts();
    void letOtherShow();
    void onTrayFound(ui::TrayWatch::Kind kind);
    void onNoTray();
    void connectMenu(ui::AppletMenu *menu);
    void showWindow(const std::optional<model::DeviceKey> &device = {});
    void showMenu();
    /// What a dialog is to be in front of.
    QWidget *windowInSight();
    void showSettings();
    void showAbout();
    template <typename Dialog>
    void showDialog(const model::DeviceChoice &choice, QPointer<QDialog> &last);
    void showChooser(const model::DeviceChoice &choice);
    void showRules(const model::DeviceChoice &choice);
    ui::MenuContext windowContext() { return {&m_model, &m_operations, &m_icons, ui::DrawnBy::Qt}; }
    void confirm(const control::Request &request);
    void onWindowClosed();
    void rememberBackends();

    ui::CommandLine m_options;
    QDBusConnection m_bus;
    memory::Settings m_settings;
    UdevNames m_names;
    ui::Icons m_icons;
    qubes::AdminClient m_client;
    model::DeviceModel m_model;
    control::Operations m_operations;
    dbus::Journal m_journal;
    ui::ActivityLog m_log;
    dbus::Service m_service;
    dbus::NotificationClient m_notifications;
    ui::Notifier m_notifier;
    ui::AppletWindow m_window;
    ui::TrayWatch m_trayWatch;
    std::unique_ptr<ui::AppletMenu> m_menu;      ///< of the icon
    std::unique_ptr<ui::AppletMenu> m_popupMenu; ///< the same, drawn by us, for those who want it on a left click
    std::unique_ptr<ui::TrayIcon> m_tray;
    QPointer<QDialog> m_settingsDialog;
    QPointer<QDialog> m_aboutDialog;
    QPointer<QDialog> m_chooser; ///< of the device that was asked for last
    QPointer<QDialog> m_rules;
    bool m_windowInsteadOfTray = false;
    bool m_canBeCalled = false; ///< over D-Bus, as by a second start
};
