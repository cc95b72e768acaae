// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"

#include <poll.h>
#include <vector>

namespace engine {

/// A descriptor to wait for. -1 is never ready.
struct Watch
{
    int fd = -1;
    short events = POLLIN;
    bool ready = false;
};

/// Waits until one is ready (an invalid descriptor never is) or the deadline passes; says whether one is.
bool waitForAny(std::vector<Watch> &watches, Deadline deadline);

} // namespace engine
