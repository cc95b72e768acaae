// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "base/uniquefd.h"
#include "values/result.h"

#include <functional>
#include <string>

namespace engine {

/// Makes a call on a device that the kernel may hold for ever (unbind, reset) in a process of its own, and gives up on
/// it at the deadline: Fault::Timeout then, and that process stays until the kernel lets go of it. It holds the lock
/// callLock(busid) meanwhile, and does nothing if the caller has been killed before it had that: so whoever has that
/// lock after the caller's death knows that nothing more comes of it. `kept` is the one descriptor of ours that it has.
/// Where no process can be made, the call is made here.
Result<void> callOrGiveUp(const Paths &paths, const std::string &busid, const std::string &what, Deadline deadline,
                          int kept, const std::function<Result<void>()> &call);

/// Whether a call of this process has not been answered: it was given up, or an exception came first. It may still
/// come.
bool hasCallsUnderWay();

/// open(2) of a device that may not answer, as callOrGiveUp.
Result<UniqueFd> openOrGiveUp(const std::string &path, int flags, Deadline deadline);

} // namespace engine
