// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"

#include <string>
#include <vector>

namespace engine {

/// A device of this qube as `list` shows it.
struct DeviceRow
{
    std::string busid;
    std::string ids; ///< "VVVV:PPPP"
    std::string speed;
    std::string driver;
    std::string state; ///< free, exported, parked, error, imported, blocked, hub
    std::string peer;  ///< the frontend it is exported to, or BACKEND:DEVICE that it is imported from
    std::string name;
    std::vector<std::string> users; ///< programs of this qube that have it open, "pcscd (412)"
};

/// All whole devices; hubs are left out unless `withHubs`. Peers and users are known to root only.
std::vector<DeviceRow> deviceRows(const Paths &paths, bool withHubs);
std::string rowsAsText(const std::vector<DeviceRow> &rows);
std::string rowsAsJson(const std::vector<DeviceRow> &rows);

/// One thing that an attach needs, as `check` shows it.
struct Finding
{
    std::string what;
    bool ok = false;
    bool needed = true; ///< otherwise it is a remark
    std::string detail; ///< what there is, or what to do
};

/// Everything that an attach needs in this qube, as frontend and as backend. The policy is dom0's and can't be seen
/// from here.
std::vector<Finding> findings(const Paths &paths);
std::string findingsAsText(const std::vector<Finding> &findings);
std::string findingsAsJson(const std::vector<Finding> &findings);

} // namespace engine
