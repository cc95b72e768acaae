// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

#include <QFormLayout>
#include <QLabel>
#include <QWidget>

namespace ui {

/// All there is to know of one device.
class DetailsPane : public QWidget
{
    Q_OBJECT
public:
    explicit DetailsPane(const model::DeviceModel *model, QWidget *parent = nullptr);

    void setDevice(const std::optional<model::DeviceKey> &key);
    void update();

private:
    QLabel *addRow(const QString &title);
    void setRow(QLabel *value, const QString &text);

    const model::DeviceModel *m_model;
    std::optional<model::DeviceKey> m_key;
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
};

} // namespace ui
