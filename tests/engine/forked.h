// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"

#include <chrono>
#include <functional>
#include <sys/types.h>
#include <utility>

/// Generous: only a test that fails waits that long.
constexpr std::chrono::milliseconds patience = std::chrono::seconds(60);

/// Both ends of a connected pair of stream sockets.
std::pair<engine::UniqueFd, engine::UniqueFd> socketPair();

/// How one process tells another that it has come to a point.
class Bell
{
public:
    Bell();
    void ring() const;
    /// False if nobody rang within `limit`, or if all who could have gone.
    bool heard(std::chrono::milliseconds limit = patience) const;

private:
    engine::UniqueFd m_heard;
    engine::UniqueFd m_rung;
};

/// A child process. It has default signals, ends with what `work` returns, and is killed with the object.
class Forked
{
public:
    explicit Forked(const std::function<int()> &work);
    Forked(const Forked &) = delete;
    Forked &operator=(const Forked &) = delete;
    ~Forked();

    pid_t pid() const { return m_pid; }
    /// As by kill -9, and gone when this returns.
    void killHard();
    /// Exit code, 128 + N after signal N, -1 if it runs on.
    int wait(std::chrono::milliseconds limit = patience);

private:
    pid_t m_pid;
    engine::UniqueFd m_end;
    int m_code = -1;
};

/// Waits until `condition` holds, looking every few milliseconds.
bool becomesTrue(const std::function<bool()> &condition, std::chrono::milliseconds limit = patience);
