// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace engine {

/// What keeper and relay tell each other.
struct Message
{
    enum class Kind : std::uint32_t {
        Ready = 1, ///< keeper: the device can be handed over (export), or the backend's line can be read (import)
        Socket,    ///< relay: the connection, with its descriptor
        Given,     ///< keeper of an export: the kernel has the connection
        Usable,    ///< keeper of an import: the device can be used; text: what it is called here
        Told,      ///< relay: whoever waits for the device has been told
        Stop,      ///< relay: the connection is not wanted any more
        Failed,    ///< keeper: why it failed; what it took is being given back, and Ended comes after that
        Ended,     ///< keeper, its last: all is undone; an empty text means without a failure
    };
    Kind kind = Kind::Stop;
    Fault fault = Fault::System; ///< with Failed and Ended
    std::uint32_t devId = 0;     ///< with Ready (export) and Socket (import)
    std::string text;            ///< the speed with these; longer than 500 bytes it is cut
};

/// One end of the pair between keeper and relay. Its end of file is the other's death.
class Channel
{
public:
    static Result<std::pair<Channel, Channel>> pair();
    /// One end, as it came through a fork.
    explicit Channel(UniqueFd fd)
        : m_fd(std::move(fd))
    {
    }

    int fd() const { return m_fd.get(); }
    /// Never waits. `descriptor` goes along unless it is -1. An error if the other end has gone.
    Result<void> send(const Message &message, int descriptor = -1) const;

    struct Received
    {
        Message message;
        UniqueFd descriptor;
    };
    /// The next message; to be called when `fd` is readable. Nothing if the other end has gone, or talks nonsense.
    std::optional<Received> receive() const;

private:
    UniqueFd m_fd;
};

} // namespace engine
