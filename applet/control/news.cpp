// SPDX-License-Identifier: GPL-2.0-or-later
#include "news.h"

#include <utility>

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

void News::markSeen()
{
    if (!m_keys.isEmpty())
        Q_EMIT seen(std::exchange(m_keys, {}).values());
}

} // namespace control
