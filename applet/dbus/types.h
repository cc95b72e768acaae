// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QDBusObjectPath>
#include <QMap>
#include <QMetaType>
#include <QString>
#include <QVariantMap>

namespace dbus {

using StringMap = QMap<QString, QString>;
using Interfaces = QMap<QString, QVariantMap>;
using ManagedObjects = QMap<QDBusObjectPath, Interfaces>;

/// Makes the types above known to QtDBus; before anything of this library is used.
void registerTypes();

} // namespace dbus

Q_DECLARE_METATYPE(dbus::StringMap)
Q_DECLARE_METATYPE(dbus::Interfaces)
Q_DECLARE_METATYPE(dbus::ManagedObjects)
