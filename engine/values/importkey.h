// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "values/devicespec.h"
#include "values/qubename.h"

#include <optional>
#include <string>
#include <string_view>

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
    /// From the name of a state file, with or without folder; that has to be `folder` or /var/run/qubes.
    static std::optional<ImportKey> fromFile(const std::string &folder, std::string_view untrusted);
    /// "BACKEND DEVICE", one blank between them, at most one line end behind.
    static std::optional<ImportKey> fromRequest(std::string_view untrusted);
};

} // namespace engine
