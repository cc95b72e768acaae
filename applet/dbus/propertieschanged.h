// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QDBusConnection>
#include <QVariantMap>

namespace dbus {

/// org.freedesktop.DBus.Properties.PropertiesChanged for what differs between the two maps; QtDBus has it from nobody.
/// Sends nothing if nothing does.
void sendPropertiesChanged(const QDBusConnection &bus, const QString &path, const QString &interface,
                           const QVariantMap &before, const QVariantMap &now);

} // namespace dbus
