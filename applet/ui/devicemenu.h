// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceactions.h"

#include <QMenu>

namespace ui {

/// The submenu of one device: what it is, where it can go, its rules. Its row in the menu above is action(). What can
/// be done is filled in when it is first opened or told to, and from then on changed in place: for all of many devices
/// it would be more than a panel takes in quickly.
class DeviceMenu : public QObject
{
    Q_OBJECT
public:
    /// About the device that is there now, whatever comes to its place.
    DeviceMenu(const MenuContext &context, model::DeviceKey key, QObject *parent = nullptr);
    ~DeviceMenu() override;

    QMenu *menu() { return &m_menu; }
    QAction *action() const { return m_menu.menuAction(); }
    const model::DeviceKey &key() const { return m_key; }
    bool isFilled() const { return m_actions != nullptr; }
    void fill();
    /// Brings it up to date with the model, its contents as far as they are filled.
    void update();

private:
    QAction *line();

    MenuContext m_context;
    /// The device that it is about, or nothing if another one is in its place.
    const model::Device *device() const;

    model::DeviceKey m_key;
    std::optional<model::DeviceIdentity> m_seen;
    QMenu m_menu;
    QAction *m_what; ///< always there: a panel does not open a submenu that is empty
    QAction *m_identity;
    QAction *m_window;           ///< until it is filled: where a panel draws it, it may never be
    QAction *m_serial = nullptr; ///< this and what follows: once it is filled
    QAction *m_interfaces = nullptr;
    QAction *m_detailsEnd = nullptr;
    DeviceActions *m_actions = nullptr;
};

} // namespace ui
