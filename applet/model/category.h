// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceid.h"

#include <QString>

namespace model {

/// What a device is for, after the table of the Qubes tools (qubesadmin/device_protocol.py, DeviceCategory), and the
/// kinds that it lacks.
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
    SmartCard, ///< readers and security keys
    Serial,    ///< serial ports, boards and probes that are one
    Phone,
    Other,
};

/// Of one interface, or of all that a pattern ("u03****") covers.
Category categoryOf(const Interface &interface);
/// Of a device: what it is for, not what else it can do. `words` is all that is known of its name; where the interfaces
/// say little (vendor's own, other input, unknown) it decides.
Category categoryOf(const QList<Interface> &interfaces, const QString &words = {});
/// True if any interface is a keyboard or mouse by the boot protocol, or may be one.
bool hasBootInput(const QList<Interface> &interfaces);
/// True if any is an input device of whatever kind: keyboard, gamepad, but also the buttons of a headset.
bool hasInput(const QList<Interface> &interfaces);
/// True if any is a disk, whatever the device is for: a camera, a debug probe.
bool hasDisk(const QList<Interface> &interfaces);
/// False if there is none, or one that is not known to the last digit: what it is for is a guess then.
bool areKnown(const QList<Interface> &interfaces);

/// Stable lower-case name: "network", "keyboard", …, "other"; also the name of our own icon of the class.
QString categoryName(Category category);
/// Icon name of the freedesktop icon naming specification, empty where it has none; themes may lack it.
QString categoryIconName(Category category);
/// English text as the Qubes tools show it ("USB Storage"); for D-Bus and logs, the UI translates by category.
QString categoryText(Category category);

} // namespace model
