// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

#include <QAbstractListModel>
#include <QDateTime>

namespace ui {

/// What happened since start, newest first, bounded.
class ActivityLog : public QAbstractListModel
{
    Q_OBJECT
public:
    static constexpr int limit = 500;

    explicit ActivityLog(model::DeviceModel *model, QObject *parent = nullptr);
    ~ActivityLog() override;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    struct Entry
    {
        QDateTime when;
        QString text;
        bool trouble = false;
    };
    void add(const QString &text, bool trouble = false);
    QString nameOf(const model::DeviceKey &key) const;
    void onJobFinished(model::Job *job);

    model::DeviceModel *m_model;
    QList<Entry> m_entries;
};

} // namespace ui
