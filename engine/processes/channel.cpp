// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/channel.h"

#include "base/packet.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

namespace engine {

namespace {

struct Wire
{
    std::uint32_t kind;
    std::uint32_t fault;
    std::uint32_t devId;
    std::uint32_t length;
    std::array<char, 500> text;
};
static_assert(std::is_trivially_copyable_v<Wire> && sizeof(Wire) <= packetLimit);

} // namespace

Result<std::pair<Channel, Channel>> Channel::pair()
{
    auto ends = packetPair();
    if (!ends)
        return ends.error();
    return std::pair(Channel(std::move((*ends)[0])), Channel(std::move((*ends)[1])));
}

Result<void> Channel::send(const Message &message, int descriptor) const
{
    Wire wire{};
    wire.kind = static_cast<std::uint32_t>(message.kind);
    wire.fault = static_cast<std::uint32_t>(message.fault);
    wire.devId = message.devId;
    wire.length = static_cast<std::uint32_t>(std::min(message.text.size(), wire.text.size()));
    std::memcpy(wire.text.data(), message.text.data(), wire.length);
    std::string bytes(sizeof wire, '\0');
    std::memcpy(bytes.data(), &wire, sizeof wire);
    return sendPacket(m_fd.get(), bytes, descriptor);
}

std::optional<Channel::Received> Channel::receive() const
{
    auto packet = receivePacket(m_fd.get());
    Wire wire{};
    if (!packet || packet->bytes.size() != sizeof wire)
        return std::nullopt;
    std::memcpy(&wire, packet->bytes.data(), sizeof wire);
    if (wire.kind < static_cast<std::uint32_t>(Message::Kind::Ready) ||
        wire.kind > static_cast<std::uint32_t>(Message::Kind::Ended) ||
        wire.fault > static_cast<std::uint32_t>(Fault::Cancelled) || wire.length > wire.text.size())
        return std::nullopt;
    return Received{{static_cast<Message::Kind>(wire.kind), static_cast<Fault>(wire.fault), wire.devId,
                     std::string(wire.text.data(), wire.length)},
                    std::move(packet->descriptor)};
}

} // namespace engine
