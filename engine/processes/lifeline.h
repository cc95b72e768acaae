// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

#include <functional>
#include <sys/types.h>

namespace engine {

/// Has `cleanUp` run if this process is killed: a child waits on a pipe whose other end only this process holds. A
/// child that is killed itself is replaced. The child holds none of our descriptors, so it keeps no qrexec call open.
class Lifeline
{
public:
    explicit Lifeline(std::function<void()> cleanUp);
    Lifeline(const Lifeline &) = delete;
    Lifeline &operator=(const Lifeline &) = delete;
    /// All went as it should: the child ends without cleaning up.
    ~Lifeline();

    /// Readable when the child has ended: call `renew` then.
    int endFd() const { return m_endFd.get(); }
    Result<void> renew();

private:
    void reap();

    std::function<void()> m_cleanUp;
    UniqueFd m_pipe;
    UniqueFd m_endFd;
    pid_t m_child = -1;
};

} // namespace engine
