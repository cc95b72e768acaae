// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inject.h"
#include "uniquefd.h"
#include "vchan.h"

#include <csignal>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lab {

/// Installs the data process's handlers: SIGCHLD sets a flag; SIGUSR1 sets a flag and makes further ones
/// ignored. Neither restarts system calls. Without withUsr1 (dom0) SIGUSR1 keeps its default action.
void installSignals(bool withUsr1);

/// The loop of qrexec's data process (libqrexec/process_io.c), for either end of a call: moves data between
/// a vchan and the descriptors of a local process until both ends are done.
///
/// The order of its steps is the point of it. The wish for a single socket (SIGUSR1) is a flag that is looked
/// at only at the top of the loop, without draining stdout and without an answer; SIGUSR1 is never blocked,
/// SIGCHLD is blocked except in ppoll; ppoll sleeps for up to ten seconds.
class DataProcess
{
public:
    struct Setup
    {
        bool isService = false;
        int stdinFd = -1;   ///< written to; equal to stdoutFd when one socket serves both directions
        int stdoutFd = -1;  ///< read from
        int stderrFd = -1;  ///< services only; -1 when there is none
        pid_t localPid = 0; ///< 0: none
        bool obeysUsr1 = true;
        bool exitOnClientEof = false;
        bool exitOnServiceEof = false;
        bool filterStdout = false;
        bool filterStderr = false;
        std::string stdinPreload;    ///< goes to the local side before anything of the remote's
        std::optional<int> exitCode; ///< services that could not be started: answer this
        int logFd = -1;              ///< a copy of the service's stderr goes here
        Injection injection;
    };

    DataProcess(Vchan &vchan, const Setup &setup);

    /// Exchange of versions; false when the vchan was lost in it.
    bool handshake();
    /// Runs to the end; gives the exit code of this process.
    int run();

private:
    enum class Remote { Ok, Eof, Exited, Error };
    enum class Input { Ok, Eof, Error };

    void reap();
    void closeStdin();
    void closeStdout();
    void closeStderr();
    bool finished();
    bool closeStdio(int fd, int direction);
    bool flushBuffer(bool &failed);
    Remote handleRemote();
    Input handleInput(int fd, std::uint32_t type);
    bool sendMessage(std::uint32_t type, const void *data, std::size_t size);
    [[noreturn]] void vchanError(const char *what);
    std::uint32_t outType() const;
    std::size_t buffered() const { return m_buffer.size() - m_bufferAt; }

    Vchan &m_vchan;
    Setup m_setup;
    int m_stdin;
    int m_stdout;
    int m_stderr;
    int m_savedStdin;
    bool m_singleSocket;
    int m_localStatus = -1;
    int m_remoteStatus = -1;
    std::string m_buffer;
    std::size_t m_bufferAt = 0;
    std::vector<char> m_chunk;
};

} // namespace lab
