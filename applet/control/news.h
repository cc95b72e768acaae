// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

#include <QSet>

namespace control {

/// Devices that were plugged in and that nobody has looked at since: most likely what the menu or the window is opened
/// for. Not what was there at the start.
class News : public QObject
{
    Q_OBJECT
public:
    explicit News(model::DeviceModel *model, QObject *parent = nullptr);

    bool contains(const model::DeviceKey &key) const { return m_keys.contains(key); }
    /// To be called when people have seen what there is: as the menu or the window closes, so that nothing moves while
    /// they look.
    void markSeen() { markSeen(keys()); }
    /// For who learns later that they looked.
    void markSeen(const QList<model::DeviceKey> &keys);
    QList<model::DeviceKey> keys() const { return m_keys.values(); }

Q_SIGNALS:
    /// These are no longer new. What becomes new is told by DeviceModel::deviceAdded.
    void seen(const QList<model::DeviceKey> &keys);

private:
    QSet<model::DeviceKey> m_keys;
};

} // namespace control
