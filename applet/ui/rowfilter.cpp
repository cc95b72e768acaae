// SPDX-License-Identifier: GPL-2.0-or-later
#include "rowfilter.h"

#include "devicerows.h"

namespace ui {

RowFilter::RowFilter(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    // A heading depends on other rows than its own.
    connect(this, &QAbstractProxyModel::sourceModelChanged, this, [this] {
        const auto again = [this] {
            if (!m_words.isEmpty())
                invalidateRowsFilter();
        };
        connect(sourceModel(), &QAbstractItemModel::dataChanged, this, again);
        connect(sourceModel(), &QAbstractItemModel::rowsInserted, this, again);
        connect(sourceModel(), &QAbstractItemModel::rowsRemoved, this, again);
    });
}

void RowFilter::setSearch(const QString &text)
{
    m_words = text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateRowsFilter();
}

bool RowFilter::matches(const QModelIndex &index) const
{
    const QString text = index.data(DeviceRows::SearchRole).toString();
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

bool RowFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    if (m_words.isEmpty())
        return true;
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    if (matches(index))
        return true;
    if (!DeviceRows::isHeading(index))
        return false;
    for (int below = row + 1; below < sourceModel()->rowCount(parent); ++below) {
        const QModelIndex device = sourceModel()->index(below, 0, parent);
        if (DeviceRows::isHeading(device))
            break;
        if (matches(device))
            return true;
    }
    return false;
}

} // namespace ui
