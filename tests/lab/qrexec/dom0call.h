// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dataprocess.h"

#include <string>

namespace lab {

/// A call from dom0, as qrexec-client makes it: command is "USER:COMMAND" (USER may be DEFAULT).
struct Dom0Call
{
    std::string qube;
    std::string command;
    std::string localCommand; ///< run by bash with the call as its FD 0 and 1; empty: our own FD 0 and 1
    bool justExecute = false;
    bool useStdinSocket = false;
    int connectionTimeoutSeconds = 10;
    bool filterStdout = false;
    bool filterStderr = false;
};

/// Makes the call through the broker in $QUBES_LAB_DIR and runs it to its end. Gives the exit code of the remote
/// command; 1 when the qube cannot be reached.
int makeCall(const Dom0Call &call);

} // namespace lab
