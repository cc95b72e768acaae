// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/keeper.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace engine {

namespace {

constexpr auto forever = std::chrono::hours(1);

/// noexcept: what is thrown must not leave through the frames of the relay.
[[noreturn]] void runKeeper(int channel, const std::function<Result<void>(const Channel &)> &work) noexcept
{
    prctl(PR_SET_NAME, "usb-keeper");
    // Not in the session that ends with the service, and with nothing that keeps a qrexec call open.
    setsid();
    const int null = ::open("/dev/null", O_RDWR);
    if (channel != 3)
        dup2(channel, 3);
    for (int fd = 0; fd < 3; ++fd)
        dup2(null, fd);
    close_range(4, ~0U, 0);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    const Channel relay(UniqueFd(3));
    Result<void> done;
    // What was taken is given back on the way here.
    try {
        done = work(relay);
    } catch (const std::exception &thrown) {
        done = exceptionError(thrown);
    }
    // A relay that has gone needs no answer.
    static_cast<void>(relay.send(done ? Message{Message::Kind::Ended, Fault::System, 0, ""}
                                      : Message{Message::Kind::Ended, done.error().fault, 0, done.error().text}));
    _exit(0);
}

} // namespace

Result<Keeper> Keeper::start(const std::function<Result<void>(const Channel &)> &work)
{
    auto ends = Channel::pair();
    if (!ends)
        return ends.error();
    const pid_t child = fork();
    if (child < 0)
        return systemError("cannot start the process that looks after the device", errno);
    if (child == 0)
        runKeeper(ends->second.fd(), work);
    return Keeper(std::move(ends->first), child);
}

std::optional<Message> Keeper::next(std::vector<Watch> others, Deadline deadline)
{
    if (m_outcome)
        return std::nullopt;
    others.insert(others.begin(), Watch{fd()});
    waitForAny(others, deadline);
    if (!others.front().ready)
        return std::nullopt;
    const auto received = m_channel.receive();
    if (received && received->message.kind == Message::Kind::Failed) {
        m_failure = Error{received->message.fault, received->message.text};
        return std::nullopt;
    }
    if (received && received->message.kind != Message::Kind::Ended)
        return received->message;
    if (!received)
        m_outcome = Error{Fault::System, "the process that looked after the device was killed; the device is kept away "
                                         "from all drivers until the next attach or detach"};
    else if (received->message.text.empty())
        m_outcome = Result<void>();
    else
        m_outcome = Error{received->message.fault, received->message.text};
    waitpid(m_process, nullptr, 0);
    return std::nullopt;
}

Result<void> Keeper::outcome(std::chrono::milliseconds patience)
{
    while (!m_outcome && !m_failure)
        next({}, Deadline(forever));
    const Deadline deadline(patience);
    while (!m_outcome && !deadline.passed())
        next({}, deadline);
    if (m_outcome)
        return *m_outcome;
    return Error{m_failure->fault, m_failure->text + " (what was done for it is still being undone)"};
}

Result<Channel::Received> nextFromRelay(const Channel &channel, Message::Kind expected, Deadline deadline)
{
    std::vector<Watch> watches{{channel.fd()}};
    if (waitForAny(watches, deadline)) {
        auto received = channel.receive();
        if (received && received->message.kind == expected)
            return std::move(*received);
    }
    return Error{Fault::Cancelled, "the request was withdrawn"};
}

void sayWhy(const Channel &channel, const Error &error)
{
    // A relay that has gone needs no answer.
    static_cast<void>(channel.send({Message::Kind::Failed, error.fault, 0, error.text}));
}

bool isWithdrawn(const Channel &channel)
{
    // Whatever it says while the keeper is at work is that it wants no more.
    std::vector<Watch> watches{{channel.fd()}};
    return waitForAny(watches, Deadline(std::chrono::milliseconds(0)));
}

} // namespace engine
