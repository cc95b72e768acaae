// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "menucontext.h"

#include <QDialog>
#include <QTimer>

namespace ui {

/// A window about one device, that which was seen: up to date while it is open, and closed when the device has gone,
/// whatever comes to its place.
class DeviceDialog : public QDialog
{
    Q_OBJECT
public:
    ~DeviceDialog() override;

protected:
    /// `context` needs no drawnBy.
    DeviceDialog(const MenuContext &context, model::DeviceChoice choice, QWidget *parent);

    /// Nothing if another one is in its place.
    const model::Device *device() const;
    /// Makes it what the model says.
    virtual void fill() = 0;
    /// Enter does nothing while it is held down: that may have been what opened this.
    void keyPressEvent(QKeyEvent *event) override;

    static bool isEnter(const QKeyEvent *event);

    MenuContext m_context;
    model::DeviceChoice m_choice;

private:
    QTimer m_fillTimer;
};

} // namespace ui
