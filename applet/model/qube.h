// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "deviceid.h"
#include "failure.h"
#include "names.h"

#include <optional>

namespace model {

struct UsbDevice;

enum class QubeClass { Admin, App, Disposable, Standalone, Template, Remote, Other };
enum class PowerState { Halted, Transient, Running, Paused, Suspended, Halting, Dying, Crashed, Unknown };

/// One line of the list of qubes.
struct QubeListing
{
    QubeName name;
    QubeClass qubeClass = QubeClass::Other;
    PowerState state = PowerState::Unknown;

    bool operator==(const QubeListing &) const = default;
};

/// What the applet uses of a qube's properties.
struct QubeProperties
{
    std::optional<LabelName> label = {};
    PlainText icon = {};             ///< icon name such as "appvm-red"; empty if the server has none
    bool disposableTemplate = false; ///< new disposables can be made from it
    bool providesNetwork = false;    ///< it serves other qubes; rarely where a device is wanted
    bool autoCleanup = false;        ///< a disposable that goes away when it is shut down
    bool preloaded = false;          ///< a disposable in store, not handed out yet
    QList<Interface> denied = {};    ///< interfaces it never gets by hand (R4.3+)
    bool canHavePci = false;         ///< PCI devices go to qubes with a machine of their own only (virt_mode)

    bool operator==(const QubeProperties &) const = default;
};

/// A qube as far as it has been read.
struct Qube
{
    QubeListing listing;
    std::optional<QubeProperties> properties = {}; ///< nothing until they have been read
    bool internal = false;                         ///< not for users
    bool usbController = false;                    ///< it gets one when it starts; asked of halted qubes only
    std::optional<Failure> problem = {};           ///< why its properties cannot be read

    bool operator==(const Qube &) const = default;

    const QubeName &name() const { return listing.name; }
    bool isRunning() const { return listing.state == PowerState::Running; }
    bool isHalted() const { return listing.state == PowerState::Halted; }
    /// Whether a device can still be attached to it: it runs, or it sleeps.
    bool canHold() const;
    /// Whether people are to see it at all: no dom0, remote, internal or stored qube.
    bool isForUsers() const;
    /// "appvm-red": the server's icon, or one made from class and label.
    QString iconName() const;
};

/// The first interface of `device` that the deny list of `qube` covers. A device with an unknown interface is denied
/// by any list, as the server does it.
std::optional<Interface> deniedInterface(const Qube &qube, const UsbDevice &device);

} // namespace model
