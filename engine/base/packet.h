// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// A datagram, and the descriptor that came with it, if one did.
struct Packet
{
    std::string bytes;
    UniqueFd descriptor;
};

constexpr std::size_t packetLimit = 1024;

/// Both ends of a SOCK_SEQPACKET pair, close-on-exec.
Result<std::array<UniqueFd, 2>> packetPair();

/// Sends one, with a descriptor unless that is -1. Never waits, and raises no SIGPIPE.
Result<void> sendPacket(int socket, std::string_view bytes, int descriptor = -1);

/// Receives one without waiting. Nothing if the other end has gone, if there is none, or if it is longer than
/// packetLimit.
std::optional<Packet> receivePacket(int socket);

} // namespace engine
