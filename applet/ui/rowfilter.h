// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace ui {

/// Of DeviceRows: the devices in which every word that is searched for occurs, and their headings.
class RowFilter : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit RowFilter(QObject *parent = nullptr);

    void setSearch(const QString &text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    bool matches(const QModelIndex &index) const;

    QStringList m_words;
};

} // namespace ui
