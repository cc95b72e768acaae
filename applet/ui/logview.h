// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "activitylog.h"

#include <QListView>

namespace ui {

/// Shows what happened; what is selected can be copied.
class LogView : public QListView
{
    Q_OBJECT
public:
    explicit LogView(ActivityLog *log, QWidget *parent = nullptr);

private:
    void copy();
};

} // namespace ui
