// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicemenu.h"

namespace ui {

/// The part of the menu that is about one backend: its name, its devices, and what else is to be said.
class BackendSection : public QObject
{
    Q_OBJECT
public:
    BackendSection(const MenuContext &context, model::QubeName backend, QObject *parent);
    ~BackendSection() override;

    /// In their order in the menu.
    QList<QAction *> actions() const;
    /// Heading and devices. True if actions() are other ones than before.
    bool update();
    void updateDevice(const model::DeviceKey &key);
    /// What comes to its place gets entries of its own: a click that was meant for this one is lost.
    void removeDevice(const model::DeviceKey &key);
    QList<DeviceMenu *> devices() const { return m_devices.values(); }

private:
    QString headingText(const model::BackendStatus &status) const;

    MenuContext m_context;
    model::QubeName m_backend;
    QAction *m_heading;
    QAction *m_start;
    QAction *m_note;
    QMap<model::DeviceKey, DeviceMenu *> m_devices;
};

} // namespace ui
