// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/operations.h"
#include "icons.h"

#include <QAbstractListModel>

#include <tuple>

namespace ui {

/// The rows of the window: backends as headings, below each its devices.
class DeviceRows : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        PortRole = Qt::UserRole, ///< text; invalid for a heading
        BackendRole,             ///< text
        SecondLineRole,
        QubeNameRole, ///< where the device is; empty if nowhere
        QubeIconRole,
        ActionTextRole, ///< what the button of the row says; empty for none
        BusyRole,
        FailedRole,
        NewRole,    ///< plugged in, and not looked at yet
        SearchRole, ///< all that a search may look at
    };

    DeviceRows(model::DeviceModel *model, control::Operations *operations, Icons *icons, QObject *parent = nullptr);
    ~DeviceRows() override;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QModelIndex indexOf(const model::DeviceKey &key) const;

    // Of an index of this model or of a proxy of it.
    static std::optional<model::DeviceKey> keyOf(const QModelIndex &index);
    static std::optional<model::QubeName> backendOf(const QModelIndex &index);
    static bool isHeading(const QModelIndex &index) { return !index.data(PortRole).isValid(); }

private:
    struct Row
    {
        model::QubeName backend;
        std::optional<model::PortId> port = {}; ///< nothing: the heading
        bool isKnown = true;                    ///< new ones stand first

        bool operator==(const Row &) const = default;
        bool operator<(const Row &other) const
        {
            const bool isDevice = port.has_value();
            const bool isOther = other.port.has_value();
            return std::tie(backend, isDevice, isKnown, port) <
                   std::tie(other.backend, isOther, other.isKnown, other.port);
        }
    };
    QList<Row> wantedRows() const;
    void sync();
    void reorder();
    bool isNew(const model::Device &device) const;
    void changed(const std::function<bool(const Row &)> &which);
    QVariant headingData(const Row &row, int role) const;
    QVariant deviceData(const model::Device &device, int role) const;
    QString headingText(const model::QubeName &backend) const;
    QString headingNote(const model::QubeName &backend) const;
    QString actionText(const model::Device &device) const;
    QIcon qubeIcon(const model::QubeName &name) const;

    model::DeviceModel *m_model;
    control::Operations *m_operations;
    Icons *m_icons;
    QList<Row> m_rows;
};

} // namespace ui
