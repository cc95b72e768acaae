// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/operations.h"

#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QWidget>

namespace ui {

/// All there is to know of one device, and what can be done with it: by buttons that the keyboard and a screen reader
/// reach, as they do not the ones that are painted into rows.
class DetailsPane : public QWidget
{
    Q_OBJECT
public:
    DetailsPane(const model::DeviceModel *model, control::Operations *operations, QWidget *parent = nullptr);

    void setDevice(const std::optional<model::DeviceKey> &key);
    void update();
    /// To be copied; empty if there is no device.
    QString text() const;

private:
    QLayout *makeButtons();
    void updateButtons(const model::Device *device);
    QLabel *addRow(const QString &title);
    void setRow(QLabel *value, const QString &text);

    const model::DeviceModel *m_model;
    control::Operations *m_operations;
    std::optional<model::DeviceKey> m_key;
    std::optional<model::DeviceIdentity> m_seen; ///< what the buttons are about
    QLabel *m_nothing;
    QFormLayout *m_form;
    QLabel *m_name;
    QLabel *m_state;
    QLabel *m_beforeDetach;
    QLabel *m_place;
    QLabel *m_failure;
    QLabel *m_warning;
    QLabel *m_identity;
    QLabel *m_serial;
    QLabel *m_interfaces;
    QLabel *m_rules;
    QPushButton *m_retry;
    QPushButton *m_dismiss;
    QPushButton *m_stop;
    QPushButton *m_detach;
    QPushButton *m_attach;
    QPushButton *m_rulesButton;
};

} // namespace ui
