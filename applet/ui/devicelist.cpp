// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicelist.h"

#include "rowdelegate.h"

namespace ui {

DeviceList::DeviceList(QAbstractItemModel *rows, QWidget *parent)
    : QListView(parent)
{
    setObjectName(QStringLiteral("devices"));
    setAccessibleName(tr("USB devices"));
    setModel(rows);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setResizeMode(QListView::Adjust);
    auto *const delegate = new RowDelegate(this);
    setItemDelegate(delegate);
    connect(delegate, &RowDelegate::buttonClicked, this, &DeviceList::buttonClicked);
    connect(this, &QListView::customContextMenuRequested, this, [this](const QPoint &at) {
        const QModelIndex index = indexAt(at);
        if (index.isValid())
            Q_EMIT menuRequested(index, viewport()->mapToGlobal(at));
    });
}

void DeviceList::selectFirst()
{
    for (int row = 0; row < model()->rowCount(); ++row) {
        const QModelIndex index = model()->index(row, 0);
        if (index.flags().testFlag(Qt::ItemIsSelectable)) {
            setCurrentIndex(index);
            return;
        }
    }
}

QPoint DeviceList::belowRow(const QModelIndex &index) const
{
    const QRect row = visualRect(index);
    return viewport()->mapToGlobal(row.bottomLeft() + QPoint(row.height(), 0));
}

} // namespace ui
