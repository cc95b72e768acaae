// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"

namespace engine {

/// Turns SIGTERM, SIGINT and SIGHUP into something to poll. All signals that can be are blocked from its construction
/// on, so that no write to sysfs is ever interrupted: a writer that the kernel keeps waiting in unbind must not be
/// disturbed (usbip's event worker would be left in an undefined state). SIGPIPE is ignored.
class StopSignal
{
public:
    StopSignal();
    /// Readable once a stop was asked for.
    int fd() const { return m_fd.get(); }
    bool asked() const;

private:
    UniqueFd m_fd;
};

} // namespace engine
