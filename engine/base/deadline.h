// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

namespace engine {

/// A point in time that a wait does not go beyond.
class Deadline
{
public:
    explicit Deadline(std::chrono::milliseconds fromNow)
        : m_end(std::chrono::steady_clock::now() + fromNow)
    {
    }
    bool passed() const { return std::chrono::steady_clock::now() >= m_end; }
    /// What is left, never negative, at most `limit`.
    std::chrono::milliseconds left(std::chrono::milliseconds limit = std::chrono::hours(24)) const
    {
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(m_end - std::chrono::steady_clock::now());
        return std::clamp(rest, std::chrono::milliseconds(0), limit);
    }
    /// This one, or `fromNow`, whichever comes first.
    Deadline within(std::chrono::milliseconds fromNow) const { return Deadline(left(fromNow)); }

private:
    std::chrono::steady_clock::time_point m_end;
};

} // namespace engine
