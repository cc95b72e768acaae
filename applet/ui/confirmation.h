// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/operations.h"

#include <QMessageBox>

namespace ui {

/// Asks whether a device is really to be handed over. Waits for nobody: the answer comes as a signal.
class Confirmation : public QMessageBox
{
    Q_OBJECT
public:
    Confirmation(const model::DeviceModel &model, const control::Request &request,
                 const QList<control::Question> &questions, QWidget *parent = nullptr);

    const control::Request &request() const { return m_request; }

Q_SIGNALS:
    void confirmed(const control::Request &request);

private:
    control::Request m_request;
};

} // namespace ui
