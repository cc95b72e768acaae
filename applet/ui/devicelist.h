// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QListView>

namespace ui {

/// The rows of the window: devices below the qubes that have them.
class DeviceList : public QListView
{
    Q_OBJECT
public:
    DeviceList(QAbstractItemModel *rows, QWidget *parent);

    void selectFirst();
    /// Where the menu of a row opens when no mouse says where, on the screen.
    QPoint belowRow(const QModelIndex &index) const;

Q_SIGNALS:
    /// The button that is painted at the end of a row.
    void buttonClicked(const QModelIndex &index);
    void menuRequested(const QModelIndex &index, const QPoint &global);
};

} // namespace ui
