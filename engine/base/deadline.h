// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <poll.h>

namespace engine {

/// A point in time that a wait does not go beyond; it may come earlier, when a descriptor becomes readable.
class Deadline
{
public:
    explicit Deadline(std::chrono::milliseconds fromNow, int stop = -1)
        : m_end(std::chrono::steady_clock::now() + fromNow)
        , m_stop(stop)
    {
    }
    bool passed() const { return left().count() == 0; }
    /// What is left, never negative, at most `limit`.
    std::chrono::milliseconds left(std::chrono::milliseconds limit = std::chrono::hours(24)) const
    {
        pollfd entry{m_stop, POLLIN, 0};
        if (m_stop >= 0 && poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0)
            return std::chrono::milliseconds(0);
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(m_end - std::chrono::steady_clock::now());
        return std::clamp(rest, std::chrono::milliseconds(0), limit);
    }
    /// This one, or `fromNow`, whichever comes first.
    Deadline within(std::chrono::milliseconds fromNow) const { return Deadline(left(fromNow), m_stop); }
    /// Readable when it is to pass at once; -1 if there is none.
    int stop() const { return m_stop; }
    /// Waits that long, or until it passes.
    void sleep(std::chrono::milliseconds time) const
    {
        pollfd entry{m_stop, POLLIN, 0};
        poll(&entry, 1, static_cast<int>(left(time).count()));
    }

private:
    std::chrono::steady_clock::time_point m_end;
    int m_stop;
};

} // namespace engine
