// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/stopsignal.h"
#include "values/result.h"

#include <string>

namespace engine {

/// What attach and detach are asked for on standard input: "BACKEND DEVICE" or "DEVICE", one line of at most 128 bytes.
/// The error is Fault::BadRequest.
Result<std::string> readRequest(int fd, const StopSignal &stop);

} // namespace engine
