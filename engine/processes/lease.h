// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "values/busid.h"
#include "values/importkey.h"
#include "values/qubename.h"
#include "values/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace engine {

/// What an export changes and how it was before: written before the first change, gone when all is undone.
struct ExportLease
{
    BusId busid;
    QubeName frontend;
    std::string device;         ///< ids and serial, to tell whether it is still that one
    std::string driver = "usb"; ///< the one it had
    bool blocked = false;       ///< was not authorized: local drivers must not get it
    bool park = false;          ///< is to stay with usbip-host, where nothing in this qube can use it
    pid_t agent = 0;            ///< qrexec's process of the connection, 0 if there is none

    std::string text() const;
    static std::optional<ExportLease> parse(std::string_view text);
};

/// What an import changes: the virtual port that it is about to use, or uses.
struct ImportLease
{
    ImportKey key;
    unsigned port = 0;
    std::string localBusid; ///< what the device is called here, "3-1"
    std::uint32_t devId = 0;

    std::string text() const;
    static std::optional<ImportLease> parse(std::string_view text);
};

/// The leases on disk: a file each in `paths.state`, which is root's alone. /run is gone with the system's last start,
/// so there are none from before it. Whoever writes or removes one holds the lock of that device.
class Leases
{
public:
    explicit Leases(const Paths &paths)
        : m_folder(paths.state)
    {
    }

    /// On disk when this returns; whole or not at all.
    Result<void> save(const ExportLease &lease) const;
    Result<void> save(const ImportLease &lease) const;
    void remove(const BusId &busid) const;
    void remove(const ImportKey &key) const;
    /// Nothing if there is none, or none that can be read.
    std::optional<ExportLease> find(const BusId &busid) const;
    std::optional<ImportLease> find(const ImportKey &key) const;
    /// Whether what is there of one is no lease: killed while it was written, its writer had changed nothing yet.
    bool isUnfinished(const BusId &busid) const;
    bool isUnfinished(const ImportKey &key) const;
    /// Names of all that have a lease, or the beginning of one that was never finished.
    std::vector<BusId> exports() const;
    std::vector<ImportKey> imports() const;

private:
    Result<void> write(const std::string &name, const std::string &text) const;
    bool isMissing(const std::string &name) const;
    void unlinkBoth(const std::string &name) const;

    std::string m_folder;
};

} // namespace engine
