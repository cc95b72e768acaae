// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/paths.h"
#include "base/uniquefd.h"
#include "values/result.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace engine {

/// How a program is started. Descriptors are owned by the caller; 0, 1 and 2 are /dev/null unless given. Signals are
/// unblocked and at their defaults in it.
struct Launch
{
    std::vector<std::string> argv; ///< argv[0] is looked up in `path`
    int out = -1;                  ///< becomes its FD 1
    int err = -1;                  ///< becomes its FD 2
    std::vector<int> extra;        ///< become its FD 3, 4, ...
    bool ownSession = false;
    std::string path = programPath;
};

/// Full path of a program, empty if it is in no folder of `path`. A name with a '/' is taken as it is.
std::string findProgram(const std::string &name, const std::string &path = programPath);

/// A program that runs. Destroying the object neither waits for it nor ends it.
class Subprocess
{
public:
    static Result<Subprocess> start(const Launch &launch);

    pid_t pid() const { return m_pid; }
    /// Readable when it has ended (a pidfd).
    int endFd() const { return m_endFd.get(); }
    /// Its exit code once it ended, 128 + N if signal N ended it; -1 if it still runs at the deadline.
    int wait(Deadline deadline);
    void terminate() const;
    void kill() const;

private:
    Subprocess(pid_t pid, UniqueFd endFd)
        : m_pid(pid)
        , m_endFd(std::move(endFd))
    {
    }
    pid_t m_pid;
    UniqueFd m_endFd;
    int m_code = -1;
};

struct Finished
{
    int code = 0;
    std::string out; ///< its stdout, at most 64 KiB
};

/// Runs a program to its end, or to the deadline; it is killed then (Fault::Timeout).
Result<Finished> runProgram(const std::vector<std::string> &argv, Deadline deadline,
                            const std::string &path = programPath);

} // namespace engine
