// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArray>
#include <QSet>

namespace qubes {

/// The PCI devices that a qube gets when it starts, as far as one list tells.
struct PciAssignments
{
    bool usbController = false;       ///< one of them says that it is a USB controller
    QSet<QByteArray> otherPorts = {}; ///< "00_14.0": of the rest; what they are only dom0 can tell
};

/// The content of admin.vm.device.pci.Assigned (R4.3+) or, with `legacy`, of admin.vm.device.pci.List.
PciAssignments parsePciAssignments(const QByteArray &untrusted, bool legacy);
/// Ports of the USB controllers in dom0's admin.vm.device.pci.Available, of any release.
QSet<QByteArray> parseUsbControllers(const QByteArray &untrusted);

} // namespace qubes
