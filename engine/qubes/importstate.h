// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "values/devicespec.h"
#include "values/qubename.h"
#include "values/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// Which device of which qube an import is about; names its state file.
struct ImportKey
{
    QubeName backend;
    DeviceSpec device;

    /// "usb-import-BACKEND-DEVICE.state". Both parts are validated types, so no path can be made of them.
    std::string fileName() const;
    /// "sys-usb:2-1", for people.
    std::string text() const { return backend.text() + ':' + device.text(); }
    /// From the name of a state file, with or without folder. A folder has to be `paths.run` or /var/run/qubes.
    static std::optional<ImportKey> fromFile(const Paths &paths, std::string_view untrusted);
    /// "BACKEND DEVICE", one blank between them, at most one line end behind.
    static std::optional<ImportKey> fromRequest(std::string_view untrusted);
};

/// What an import leaves for detach: the state file, "PORT\nLOCALBUSID DEVID\n". The port has a line of its own for the
/// qubes.USBDetach of qubes-usb-proxy, which takes the whole line; its imports write nothing else.
struct ImportState
{
    unsigned port = 0;
    std::string localBusid;
    std::uint32_t devId = 0;

    static Result<ImportState> load(const Paths &paths, const ImportKey &key);
    /// Whole or not at all: written beside it and renamed.
    Result<void> save(const Paths &paths, const ImportKey &key) const;
    static void remove(const Paths &paths, const ImportKey &key);
    /// The keys of all state files.
    static std::vector<ImportKey> list(const Paths &paths);
};

} // namespace engine
