// SPDX-License-Identifier: GPL-2.0-or-later
#include "types.h"

#include <QDBusMetaType>

namespace dbus {

void registerTypes()
{
    qDBusRegisterMetaType<StringMap>();
    qDBusRegisterMetaType<Interfaces>();
    qDBusRegisterMetaType<ManagedObjects>();
}

} // namespace dbus
