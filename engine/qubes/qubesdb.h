// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "values/busid.h"
#include "values/qubename.h"
#include "values/result.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace engine {

/// What this qube publishes of its USB devices: keys below /qubes-usb-devices of QubesDB, one folder a device, named by
/// the busid with '_' for '.' (QubesDB knows no dots). Reached by QubesDB's own commands; where they are missing (not
/// on Qubes) everything here succeeds and does nothing. The listener in dom0 watches the folder itself, so each change
/// ends with an empty write to it (qubesusbproxy/core3ext.py of qubes-app-linux-usb-proxy).
class QubesDb
{
public:
    /// desc, usb-ver and interfaces, as udev-usb-add-change of qubes-linux-utils writes them.
    struct Device
    {
        std::string description; ///< "VID:PID VENDOR MODEL SERIAL", udev's \xHH escapes
        std::string usbVersion;  ///< "2"
        std::string interfaces;  ///< ":080650:"
    };

    explicit QubesDb(const Paths &paths);

    Result<void> publish(const BusId &busid, const Device &device) const;
    Result<void> withdraw(const BusId &busid) const;
    Result<void> setConnected(const BusId &busid, const QubeName &frontend, int pid) const;
    Result<void> clearConnected(const BusId &busid, Deadline deadline) const;

    /// Longest path and value (QDB_MAX_PATH, QDB_MAX_DATA of qubes-core-qubesdb).
    static constexpr std::size_t maxPath = 63;
    static constexpr std::size_t maxValue = 3072;

private:
    Result<void> run(std::vector<std::string> argv, Deadline deadline) const;
    Result<void> write(std::vector<std::pair<std::string, std::string>> entries, Deadline deadline) const;

    std::string m_programs;
};

} // namespace engine
