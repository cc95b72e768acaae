// SPDX-License-Identifier: GPL-2.0-or-later
#include "logview.h"

#include <QApplication>
#include <QClipboard>
#include <QShortcut>

namespace ui {

LogView::LogView(ActivityLog *log, QWidget *parent)
    : QListView(parent)
{
    setAccessibleName(tr("Activity since the start"));
    setWordWrap(true);
    setUniformItemSizes(false);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setModel(log);
    connect(new QShortcut(QKeySequence::Copy, this, nullptr, nullptr, Qt::WidgetShortcut), &QShortcut::activated, this,
            &LogView::copy);
}

void LogView::copy()
{
    QStringList lines;
    for (const QModelIndex &index : selectionModel()->selectedIndexes())
        lines.append(index.data().toString());
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

} // namespace ui
