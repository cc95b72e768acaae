// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.h"
#include "base/paths.h"
#include "base/stopsignal.h"
#include "processes/timelimits.h"
#include "values/importkey.h"
#include "values/result.h"

#include <chrono>
#include <string>

namespace engine {

/// qubes.USBAttach: calls qubes.USB in the backend with an import as the local program of qrexec-client-vm, and ends as
/// soon as the device is usable, or with the reason why it is not.
class Attacher
{
public:
    struct Setup
    {
        std::string client = "qrexec-client-vm";
        std::string engine;                           ///< this program, for the import
        std::chrono::milliseconds limit = attachTime; ///< for all of it; below the 120 s that dom0's tools wait
    };

    Attacher(const Paths &paths, const StopSignal &stop, const Log &log);

    /// What the device is called here, "3-1". The error names the backend and the device.
    Result<std::string> run(const ImportKey &key, const Setup &setup);

private:
    Paths m_paths;
    const StopSignal &m_stop;
    const Log &m_log;
};

} // namespace engine
