// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "operations.h"

#include <QMessageBox>

namespace ui {

/// Asks whether an input device is really to be handed over. Waits for nobody: the answer comes as a signal.
class InputConfirmation : public QMessageBox
{
    Q_OBJECT
public:
    InputConfirmation(const model::DeviceModel &model, const Request &request, QWidget *parent = nullptr);

    const Request &request() const { return m_request; }

Q_SIGNALS:
    void confirmed(const ui::Request &request);

private:
    Request m_request;
};

} // namespace ui
