// SPDX-License-Identifier: GPL-2.0-or-later
#include "qube.h"

#include "usbdevice.h"

namespace model {

namespace {

const char *iconPrefix(QubeClass qubeClass)
{
    switch (qubeClass) {
    case QubeClass::Admin:
        return "adminvm-";
    case QubeClass::Disposable:
        return "dispvm-";
    case QubeClass::Template:
        return "templatevm-";
    case QubeClass::Standalone:
        return "standalonevm-";
    case QubeClass::Remote:
        return "remotevm-";
    case QubeClass::App:
    case QubeClass::Other:
        break;
    }
    return "appvm-";
}

} // namespace

bool Qube::canHold() const
{
    switch (listing.state) {
    case PowerState::Transient:
    case PowerState::Running:
    case PowerState::Paused:
    case PowerState::Suspended:
    case PowerState::Unknown:
        return true;
    case PowerState::Halted:
    case PowerState::Halting:
    case PowerState::Dying:
    case PowerState::Crashed:
        break;
    }
    return false;
}

bool Qube::isForUsers() const
{
    return listing.qubeClass != QubeClass::Admin && listing.qubeClass != QubeClass::Remote && !internal &&
           !(properties && properties->preloaded);
}

QString Qube::iconName() const
{
    if (properties && !properties->icon.isEmpty())
        return properties->icon.toString();
    const QString label = properties && properties->label ? properties->label->toString() : QStringLiteral("black");
    return QString::fromLatin1(iconPrefix(listing.qubeClass)) + label;
}

std::optional<Interface> deniedInterface(const Qube &qube, const UsbDevice &device)
{
    if (!qube.properties || qube.properties->denied.isEmpty())
        return std::nullopt;
    for (const Interface &interface : device.interfaces) {
        if (!interface.isKnown())
            return interface;
        for (const Interface &denied : qube.properties->denied) {
            if (denied.covers(interface))
                return interface;
        }
    }
    return std::nullopt;
}

} // namespace model
