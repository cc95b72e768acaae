// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "values/importkey.h"
#include "values/result.h"

#include <string>

namespace engine {

/// The state file of an import, for qubes.USBDetach of qubes-usb-proxy: the virtual port on a line of its own, as that
/// takes the whole line, then what the device is called here. Written and removed, never read: others may write where
/// it lies (group "qubes"). What this program believes is the lease.
class StateFile
{
public:
    StateFile(const Paths &paths, const ImportKey &key)
        : m_path(paths.run + '/' + key.fileName())
    {
    }
    /// Whole or not at all.
    Result<void> write(unsigned port, const std::string &localBusid) const;
    void remove() const;

private:
    std::string m_path;
};

} // namespace engine
