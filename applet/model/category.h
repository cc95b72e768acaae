// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceid.h"

#include <QString>

namespace model {

/// What an interface is for, by the table of the Qubes tools (qubesadmin/device_protocol.py, DeviceCategory).
enum class Category {
    Network,
    Keyboard,
    Mouse,
    Input,
    Printer,
    Camera,
    Audio,
    Multimedia,
    Storage,
    Bluetooth,
    SmartCard,
    Other,
};

/// The pattern with the most equal characters wins, the first listed wins ties.
Category categoryOf(const Interface &interface);
/// Of a device: that of the first interface whose category says something.
Category categoryOf(const QList<Interface> &interfaces);
/// True if any interface is a keyboard, mouse or other input device: whoever gets it sees or forges what is typed.
bool isInputDevice(const QList<Interface> &interfaces);
/// False if there is none, or one that is not known to the last digit: what it is for is a guess then.
bool areKnown(const QList<Interface> &interfaces);

/// Stable lower-case name: "network", "keyboard", …, "other"; also the name of our own icon of the class.
QString categoryName(Category category);
/// Icon name of the freedesktop icon naming specification; themes may lack it.
QString categoryIconName(Category category);
/// English text as the Qubes tools show it ("USB Storage"); for D-Bus and logs, the UI translates by category.
QString categoryText(Category category);

} // namespace model
