// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/helper.h"

#include "base/locktable.h"
#include "base/packet.h"
#include "base/waiting.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace engine {

namespace {

struct Outcome
{
    Result<void> done;
    UniqueFd descriptor;
};
/// `answer`: where its outcome goes, whose end of file is that nobody waits for it; -1 if it is made in this process.
using Call = std::function<Outcome(int answer)>;

unsigned underWay = 0; ///< calls that have not been answered, because we gave up or left by an exception

/// What came of it: fault and errno as numbers, then the text.
std::string wordsOf(const Result<void> &done)
{
    if (done)
        return "ok";
    return std::to_string(static_cast<int>(done.error().fault)) + ' ' + std::to_string(done.error().number) + ' ' +
           done.error().text.substr(0, packetLimit / 2);
}

Result<void> parseWords(const std::string &words)
{
    if (words == "ok")
        return {};
    const std::size_t first = words.find(' ');
    const std::size_t second = words.find(' ', first + 1);
    // From a process of our own that ran our own code.
    return Error{static_cast<Fault>(std::stoi(words)), words.substr(second + 1), std::stoi(words.substr(first + 1))};
}

void closeAllBut(int one, int other)
{
    unsigned from = 3;
    for (const int fd : {std::min(one, other), std::max(one, other)}) {
        if (fd < static_cast<int>(from))
            continue;
        if (static_cast<unsigned>(fd) > from)
            close_range(from, static_cast<unsigned>(fd) - 1, 0);
        from = static_cast<unsigned>(fd) + 1;
    }
    close_range(from, ~0U, 0);
}

Outcome run(const std::string &what, Deadline deadline, int kept, const Call &call)
{
    auto ends = packetPair();
    const pid_t child = ends ? fork() : -1;
    if (child < 0)
        return call(-1);
    UniqueFd &ours = (*ends)[0];
    UniqueFd &theirs = (*ends)[1];
    if (child == 0) {
        prctl(PR_SET_NAME, "usb-helper");
        // What it holds while the kernel holds it must not keep a connection or a channel open.
        closeAllBut(theirs.get(), kept);
        // An exception must not leave through the frames of who called, whose guards are not ours to run.
        try {
            const Outcome outcome = call(theirs.get());
            static_cast<void>(sendPacket(theirs.get(), wordsOf(outcome.done), outcome.descriptor.get()));
        } catch (...) {
            _exit(1);
        }
        _exit(0);
    }
    ++underWay;
    theirs.reset();
    std::vector<Watch> watches{{ours.get()}};
    if (!waitForAny(watches, deadline)) {
        // Not killed: a writer that the kernel keeps waiting in unbind must not be disturbed.
        return {Error{Fault::Timeout, what + ": the kernel does not come back from it; see its log"}, {}};
    }
    auto packet = receivePacket(ours.get());
    waitpid(child, nullptr, 0);
    --underWay;
    if (!packet)
        return {Error{Fault::System, what + ": the process that did it was killed"}, {}};
    return {parseWords(packet->bytes), std::move(packet->descriptor)};
}

} // namespace

bool hasCallsUnderWay()
{
    return underWay > 0;
}

Result<void> callOrGiveUp(const Paths &paths, const std::string &busid, const std::string &what, Deadline deadline,
                          int kept, const std::function<Result<void>()> &call)
{
    const Deadline plain(deadline.left()); // without a descriptor that the process does not have
    const auto locked = [&](int answer) -> Outcome {
        if (answer < 0) // a second table would drop the locks of the first
            return {call(), {}};
        auto locks = LockTable::open(paths);
        if (!locks)
            return {locks.error(), {}};
        const auto lock = locks->lock(callLock(busid), plain);
        if (!lock)
            return {Error{Fault::Timeout, what + ": the call before it has not come back from the kernel"}, {}};
        // The lock may have become free when nobody waited for the call any more: killed, told to stop, or too late.
        std::vector<Watch> watches{{answer, 0}};
        if (waitForAny(watches, Deadline(std::chrono::milliseconds(0))))
            return {Error{Fault::Cancelled, what + ": nobody waits for it"}, {}};
        return {call(), {}};
    };
    return run(what, deadline, kept, locked).done;
}

Result<UniqueFd> openOrGiveUp(const std::string &path, int flags, Deadline deadline)
{
    Outcome outcome = run("opening " + path, deadline, -1, [&](int /*answer*/) {
        UniqueFd fd(::open(path.c_str(), flags));
        return fd ? Outcome{{}, std::move(fd)} : Outcome{systemError("cannot open " + path, errno), {}};
    });
    if (!outcome.done)
        return outcome.done.error();
    return std::move(outcome.descriptor);
}

} // namespace engine
