// SPDX-License-Identifier: GPL-2.0-or-later
#include "settingsdialog.h"

#include "icons.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QGroupBox>
#include <QPushButton>

namespace ui {

SettingsDialog::SettingsDialog(memory::Settings *settings, Autostart autostart, QWidget *parent)
    : QDialog(parent)
    , m_settings(settings)
    , m_autostart(std::move(autostart))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings of the USB applet"));
    setWindowIcon(Icons::application());
    auto *const column = new QVBoxLayout(this);
    addNotices(column);
    addOthers(column);
    auto *const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setText(tr("Close"));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    column->addStretch();
    column->addWidget(buttons);
}

QString SettingsDialog::textOf(memory::Settings::Notice notice)
{
    switch (notice) {
    case memory::Settings::Notice::PluggedIn:
        return tr("A device was plugged in");
    case memory::Settings::Notice::Progress:
        return tr("Progress of what takes long");
    case memory::Settings::Notice::Attached:
        return tr("A device was attached");
    case memory::Settings::Notice::Detached:
        return tr("A device was detached");
    case memory::Settings::Notice::RemovedInUse:
        return tr("A device was removed while attached");
    case memory::Settings::Notice::Failed:
        return tr("Something failed");
    case memory::Settings::Notice::Connection:
        break;
    }
    return tr("The connection to Qubes was lost");
}

void SettingsDialog::addNotices(QVBoxLayout *column)
{
    auto *const group = new QGroupBox(tr("Notify when"), this);
    auto *const inside = new QVBoxLayout(group);
    for (const memory::Settings::Notice notice : memory::Settings::allNotices) {
        auto *const box = new QCheckBox(textOf(notice), group);
        box->setChecked(m_settings->isNoticeOn(notice));
        connect(box, &QCheckBox::toggled, m_settings,
                [settings = m_settings, notice](bool on) { settings->setNoticeOn(notice, on); });
        inside->addWidget(box);
    }
    column->addWidget(group);
}

void SettingsDialog::addOthers(QVBoxLayout *column)
{
    auto *const group = new QGroupBox(tr("Behaviour"), this);
    auto *const inside = new QVBoxLayout(group);
    auto *const click = new QCheckBox(tr("A left click on the icon opens the menu, not the window"), group);
    click->setChecked(m_settings->leftClickOpensMenu());
    connect(click, &QCheckBox::toggled, m_settings, &memory::Settings::setLeftClickOpensMenu);
    inside->addWidget(click);
    auto *const confirm =
        new QCheckBox(tr("Ask before an input device, or one of unknown kind, is handed over"), group);
    confirm->setChecked(m_settings->confirmsInput());
    connect(confirm, &QCheckBox::toggled, m_settings, &memory::Settings::setConfirmsInput);
    inside->addWidget(confirm);
    auto *const start = new QCheckBox(tr("Start with the session"), group);
    start->setChecked(m_autostart.isOn());
    connect(start, &QCheckBox::toggled, this, [this, start](bool on) {
        if (!m_autostart.setOn(on))
            start->setChecked(m_autostart.isOn()); // what cannot be changed is as it was
    });
    inside->addWidget(start);
    column->addWidget(group);
}

} // namespace ui
