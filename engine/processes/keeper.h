// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/waiting.h"
#include "processes/channel.h"
#include "values/result.h"

#include <functional>
#include <optional>
#include <sys/types.h>

namespace engine {

// A connection has two processes. The relay is the one that qrexec started, and that reads what the other qube sends.
// The keeper changes the system, and outlives the relay by as long as undoing takes.

/// The relay's hold on its keeper.
class Keeper
{
public:
    /// Forks it; `work` runs in it with its end of the channel, and with no other descriptor of ours. What it returns
    /// is the outcome here. Nothing of the other qube may have been read before.
    static Result<Keeper> start(const std::function<Result<void>(const Channel &)> &work);

    int fd() const { return m_channel.fd(); }
    Result<void> send(const Message &message, int descriptor = -1) const { return m_channel.send(message, descriptor); }
    /// Waits for its next message, but no longer than any of `others` is silent: nothing then. When it has ended, or
    /// was killed, that is kept for `outcome`, and is nothing, too.
    std::optional<Message> next(std::vector<Watch> others, Deadline deadline);
    /// Whether it has ended, or is about to, as it has failed.
    bool hasEnded() const { return m_outcome || m_failure; }
    /// Waits until it has ended, and says how. A keeper that was killed is an error. One that has failed and is still
    /// giving back what it took after `patience` is waited for no longer: whoever waits for us needs its reason.
    Result<void> outcome(std::chrono::milliseconds patience);

private:
    Keeper(Channel channel, pid_t process)
        : m_channel(std::move(channel))
        , m_process(process)
    {
    }
    Channel m_channel;
    pid_t m_process;
    std::optional<Error> m_failure; ///< it has failed, and has not ended yet
    std::optional<Result<void>> m_outcome;
};

/// What the keeper hears from its relay: the message, or Fault::Cancelled if it is told to stop or the relay was
/// killed.
Result<Channel::Received> nextFromRelay(const Channel &channel, Message::Kind expected, Deadline deadline);

/// Tells the relay why it failed, before all is undone.
void sayWhy(const Channel &channel, const Error &error);

/// Whether the relay has said Stop, or has gone.
bool isWithdrawn(const Channel &channel);

} // namespace engine
