// SPDX-License-Identifier: GPL-2.0-or-later
#include "news.h"

namespace control {

using model::DeviceKey;
using model::DeviceModel;

News::News(DeviceModel *model, QObject *parent)
    : QObject(parent)
{
    connect(model, &DeviceModel::deviceAdded, this, [this](const DeviceKey &key, model::Appearance appearance) {
        if (appearance == model::Appearance::PluggedIn)
            m_keys.insert(key);
    });
    connect(model, &DeviceModel::deviceRemoved, this, [this](const model::Device &last) { m_keys.remove(last.key()); });
}

void News::markSeen(const QList<DeviceKey> &keys)
{
    QList<DeviceKey> seenNow;
    for (const DeviceKey &key : keys) {
        if (m_keys.remove(key))
            seenNow.append(key);
    }
    if (!seenNow.isEmpty())
        Q_EMIT seen(seenNow);
}

} // namespace control
