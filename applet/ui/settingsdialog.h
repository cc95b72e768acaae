// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "autostart.h"
#include "memory/settings.h"

#include <QDialog>
#include <QVBoxLayout>

namespace ui {

/// What the user may decide. Takes effect at once, as in the desktops it lives in.
class SettingsDialog : public QDialog
{
    Q_OBJECT
public:
    SettingsDialog(memory::Settings *settings, Autostart autostart, QWidget *parent = nullptr);

private:
    static QString textOf(memory::Settings::Notice notice);
    void addNotices(QVBoxLayout *column);
    void addOthers(QVBoxLayout *column);

    memory::Settings *m_settings;
    Autostart m_autostart;
};

} // namespace ui
