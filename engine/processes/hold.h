// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"
#include "values/result.h"

#include <chrono>

namespace engine {

/// Keeps new attaches and exports away while this qube is put to sleep: a file in `paths.state` with the time at which
/// it ends by itself (CLOCK_BOOTTIME, which counts the sleep).
class Hold
{
public:
    explicit Hold(const Paths &paths)
        : m_path(paths.state + "/hold")
    {
    }
    Result<void> set(std::chrono::seconds limit) const;
    void lift() const;
    /// Fault::Busy while it is set. To be asked with the lock of the device held: who sets it looks at the locks then.
    Result<void> check() const;

private:
    std::string m_path;
};

} // namespace engine
