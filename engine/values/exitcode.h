// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "values/result.h"

namespace engine {

/// Exit codes of the program, as its man page documents them. Never 127, which dom0 takes for "not installed", nor 125
/// and 255, which are qrexec's. 126 is given where qrexec gives it, with an explanation.
constexpr int exitCodeOf(Fault fault)
{
    switch (fault) {
    case Fault::BadRequest:
        return 2;
    case Fault::NotFound:
        return 3;
    case Fault::Unsuitable:
        return 4;
    case Fault::Busy:
        return 5;
    case Fault::Missing:
        return 6;
    case Fault::Peer:
        return 7;
    case Fault::Timeout:
        return 8;
    case Fault::Cancelled:
        return 9;
    case Fault::Blocked:
        return 10;
    case Fault::Denied:
        return 126;
    case Fault::System:
        break;
    }
    return 1;
}

} // namespace engine
