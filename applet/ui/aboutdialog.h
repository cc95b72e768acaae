// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/qubessystem.h"

#include <QMessageBox>

namespace ui {

/// What this is, and what a report about it should contain.
class AboutDialog : public QMessageBox
{
    Q_OBJECT
public:
    AboutDialog(model::Connection connection, model::Generation generation, QWidget *parent = nullptr);
};

} // namespace ui
