// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceactions.h"

#include <QMenu>

namespace ui {

/// The submenu of one device, which its row in the menu above opens: action(). It is filled when it is first opened or
/// told to, and from then on changed in place: for all of many devices it would be more than a panel takes in quickly.
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
    MenuContext m_context;
    /// The device that it is about, or nothing if another one is in its place.
    const model::Device *device() const;

    model::DeviceKey m_key;
    std::optional<model::DeviceIdentity> m_seen;
    QMenu m_menu;
    QAction *m_chooser; ///< until it is filled: a panel does not open a submenu that is empty, or never tells
    QAction *m_details;
    DeviceActions *m_actions = nullptr;
};

} // namespace ui
