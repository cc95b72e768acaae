// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <unistd.h>

namespace engine {

/// The folders that programs are looked up in, whatever PATH says: a service's PATH may lack sbin.
constexpr const char *programPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the system's folders are. Tests give folders of their own; the program uses the defaults.
struct Paths
{
    std::string sys = "/sys";
    std::string proc = "/proc";
    std::string dev = "/dev";
    std::string run = "/run/qubes";              ///< state files for old scripts; group "qubes" may write here
    std::string state = "/run/qubes-usb";        ///< leases and locks; root's alone
    std::string services = "/run/qubes-service"; ///< one file per service that dom0 enabled for this qube
    std::string root;                            ///< prefix of /etc, /usr and so on where they are looked at
    std::string programs = programPath;          ///< folders of programs, separated by ':'

    std::string usbDevices() const { return sys + "/bus/usb/devices"; }
    std::string usbDrivers() const { return sys + "/bus/usb/drivers"; }
    std::string usbipHost() const { return usbDrivers() + "/usbip-host"; }
    /// Whether dom0 enabled a service for this qube (`qvm-service`).
    bool serviceEnabled(const char *name) const { return access((services + '/' + name).c_str(), F_OK) == 0; }
    std::string vhci() const { return sys + "/devices/platform/vhci_hcd.0"; }
};

} // namespace engine
