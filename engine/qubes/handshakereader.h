// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/uniquefd.h"
#include "base/waiting.h"
#include "values/handshake.h"
#include "values/result.h"

#include <vector>

namespace engine {

/// Reads the handshake line from the connection, byte by byte so that not one byte of USB/IP behind it is taken, at
/// most Handshake::maxLength bytes. Gives up when one of `withdrawn` becomes ready (Fault::Cancelled),
/// at the peer's end of file (Fault::Peer) and at the deadline (Fault::Timeout).
Result<Handshake> readHandshake(const UniqueFd &socket, const std::vector<Watch> &withdrawn, Deadline deadline);

} // namespace engine
