// SPDX-License-Identifier: GPL-2.0-or-later
#include "propertieschanged.h"

#include <QDBusMessage>

namespace dbus {

void sendPropertiesChanged(const QDBusConnection &bus, const QString &path, const QString &interface,
                           const QVariantMap &before, const QVariantMap &now)
{
    QVariantMap changed;
    for (auto it = now.cbegin(); it != now.cend(); ++it) {
        if (before.value(it.key()) != it.value())
            changed.insert(it.key(), it.value());
    }
    if (changed.isEmpty())
        return;
    auto message = QDBusMessage::createSignal(path, QStringLiteral("org.freedesktop.DBus.Properties"),
                                              QStringLiteral("PropertiesChanged"));
    message << interface << changed << QStringList();
    bus.send(message);
}

} // namespace dbus
