// SPDX-License-Identifier: GPL-2.0-or-later
#include "dataprocess.h"

#include "wire.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lab {

namespace {

// Numbers of qubes-core-qrexec's libqrexec/qrexec.h.
constexpr std::uint32_t msgDataStdin = 0x190;
constexpr std::uint32_t msgDataStdout = 0x191;
constexpr std::uint32_t msgDataStderr = 0x192;
constexpr std::uint32_t msgDataExitCode = 0x193;
constexpr std::uint32_t msgHello = 0x300;
constexpr std::uint32_t protocolVersion = 3;
constexpr std::size_t maxChunk = 65536;

struct MessageHeader
{
    std::uint32_t type;
    std::uint32_t size;
};

volatile std::sig_atomic_t sigchldSeen = 0;
volatile std::sig_atomic_t sigusr1Seen = 0;

void onSigchld(int)
{
    sigchldSeen = 1;
}

void onSigusr1(int)
{
    sigusr1Seen = 1;
    std::signal(SIGUSR1, SIG_IGN);
}

void catchSignal(int number, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
}

void makePrintable(char *data, std::size_t size)
{
    for (std::size_t i = 0; i < size; ++i) {
        const auto c = static_cast<unsigned char>(data[i]);
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\a' && c != '\b') || c >= 0x7f)
            data[i] = '_';
    }
}

int exitCodeOf(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

void installSignals(bool withUsr1)
{
    catchSignal(SIGCHLD, onSigchld);
    if (withUsr1)
        catchSignal(SIGUSR1, onSigusr1);
}

DataProcess::DataProcess(Vchan &vchan, const Setup &setup)
    : m_vchan(vchan)
    , m_setup(setup)
    , m_stdin(setup.stdinFd)
    , m_stdout(setup.stdoutFd)
    , m_stderr(setup.stderrFd)
    , m_savedStdin(setup.stdinFd)
    , m_singleSocket(setup.stdinFd >= 0 && setup.stdinFd == setup.stdoutFd)
    , m_buffer(setup.stdinPreload)
    , m_chunk(maxChunk)
{
}

bool DataProcess::handshake()
{
    std::uint32_t version = protocolVersion;
    sleepThroughSignals(m_setup.injection.delayBeforeHelloMs);
    if (!sendMessage(msgHello, &version, sizeof version))
        return false;
    MessageHeader header{};
    if (!m_vchan.receive(&header, sizeof header) || header.type != msgHello || header.size != sizeof version ||
        !m_vchan.receive(&version, sizeof version)) {
        std::fprintf(stderr, "Failed to read agent HELLO hdr\n");
        return false;
    }
    return true;
}

void DataProcess::vchanError(const char *what)
{
    std::fprintf(stderr, "Error while vchan %s, exiting\n", what);
    std::exit(1);
}

std::uint32_t DataProcess::outType() const
{
    return m_setup.isService ? msgDataStdout : msgDataStdin;
}

bool DataProcess::sendMessage(std::uint32_t type, const void *data, std::size_t size)
{
    // Two writes, as in the real program: whoever reads may find the header alone and then waits for the rest.
    const MessageHeader header{type, static_cast<std::uint32_t>(size)};
    if (!m_vchan.send(&header, sizeof header))
        return false;
    if (size > 0)
        sleepThroughSignals(m_setup.injection.splitChunkMs);
    return m_vchan.send(data, size);
}

// A socket that the local side goes on using is shut down in one direction; an inherited descriptor is given
// back as it was, blocking, and closed. True when it has really been closed.
bool DataProcess::closeStdio(int fd, int direction)
{
    if (fd < 0)
        return false;
    if (m_singleSocket || fd > 2) {
        if (::shutdown(fd, direction) != 0 && errno == ENOTSOCK && !m_singleSocket) {
            ::close(fd);
            return true;
        }
        return false;
    }
    setNonBlocking(fd, false);
    ::close(fd);
    return true;
}

void DataProcess::closeStdin()
{
    if (m_setup.exitOnClientEof) {
        if (m_stdout >= 0)
            sendMessage(outType(), nullptr, 0);
        m_stdin = m_stdout = -1;
        m_buffer.clear();
        m_bufferAt = 0;
        return;
    }
    if (closeStdio(m_stdin, SHUT_WR))
        m_savedStdin = -1;
    m_stdin = -1;
    // Nobody is left to take it.
    m_buffer.clear();
    m_bufferAt = 0;
}

void DataProcess::closeStdout()
{
    if (m_setup.exitOnServiceEof) {
        m_stdin = m_stdout = -1;
        return;
    }
    closeStdio(m_stdout, SHUT_RD);
    m_stdout = -1;
}

void DataProcess::closeStderr()
{
    if (m_stderr >= 0)
        ::close(m_stderr);
    m_stderr = -1;
}

void DataProcess::reap()
{
    if (sigchldSeen == 0)
        return;
    int status = 0;
    if (m_setup.localPid > 0 && m_localStatus < 0 && ::waitpid(m_setup.localPid, &status, WNOHANG) > 0) {
        m_localStatus = exitCodeOf(status);
        closeStdin();
    }
    sigchldSeen = 0;
}

bool DataProcess::finished()
{
    if (m_stdin >= 0 || m_stdout >= 0 || m_stderr >= 0)
        return false;
    const bool localDone = m_setup.localPid == 0 || m_localStatus >= 0;
    if (!m_setup.isService)
        return localDone && m_remoteStatus >= 0;
    if (!localDone)
        return false;
    const std::int32_t code = m_setup.exitCode ? *m_setup.exitCode : m_setup.localPid == 0 ? 0 : m_localStatus;
    if (!sendMessage(msgDataExitCode, &code, sizeof code))
        vchanError("exit code");
    return true;
}

// True when nothing is left to write.
bool DataProcess::flushBuffer(bool &failed)
{
    failed = false;
    if (m_stdin < 0)
        return true;
    while (buffered() > 0) {
        const ssize_t done = ::write(m_stdin, m_buffer.data() + m_bufferAt, buffered());
        if (done < 0) {
            failed = errno != EAGAIN && errno != EINTR;
            return false;
        }
        m_bufferAt += static_cast<std::size_t>(done);
    }
    m_buffer.clear();
    m_bufferAt = 0;
    return true;
}

DataProcess::Remote DataProcess::handleRemote()
{
    bool failed = false;
    if (!flushBuffer(failed))
        return failed ? Remote::Eof : Remote::Ok;

    while (m_vchan.dataReady() > 0) {
        MessageHeader header{};
        if (!m_vchan.receive(&header, sizeof header) || header.size > maxChunk ||
            !m_vchan.receive(m_chunk.data(), header.size))
            return Remote::Error;
        switch (header.type) {
        case msgDataStdin:
        case msgDataStdout:
            if (m_stdin < 0)
                continue;
            if (header.size == 0)
                return Remote::Eof;
            if (m_setup.filterStdout)
                makePrintable(m_chunk.data(), header.size);
            m_buffer.assign(m_chunk.data(), header.size);
            m_bufferAt = 0;
            if (!flushBuffer(failed))
                return failed ? Remote::Eof : Remote::Ok;
            break;
        case msgDataStderr:
            if (m_setup.isService)
                continue;
            if (m_setup.filterStderr)
                makePrintable(m_chunk.data(), header.size);
            // Blocking on purpose: a caller that does not read its stderr stalls the data as well.
            if (!writeAll(2, m_chunk.data(), header.size))
                std::fprintf(stderr, "write: %s\n", std::strerror(errno));
            break;
        case msgDataExitCode:
            if (m_setup.isService)
                continue;
            if (header.size < sizeof(std::int32_t)) {
                m_remoteStatus = 255;
            } else {
                std::int32_t code = 0;
                std::memcpy(&code, m_chunk.data(), sizeof code);
                m_remoteStatus = code;
            }
            return Remote::Exited;
        default:
            std::fprintf(stderr, "unknown msg %u\n", header.type);
            return Remote::Error;
        }
    }
    return Remote::Ok;
}

DataProcess::Input DataProcess::handleInput(int fd, std::uint32_t type)
{
    for (;;) {
        const std::size_t space = m_vchan.bufferSpace();
        if (space <= sizeof(MessageHeader))
            return Input::Ok;
        ssize_t got = ::read(fd, m_chunk.data(), std::min(space - sizeof(MessageHeader), maxChunk));
        if (got < 0 && errno == ECONNRESET)
            got = 0;
        if (got < 0)
            return errno == EAGAIN || errno == EINTR ? Input::Ok : Input::Error;
        const auto size = static_cast<std::size_t>(got);
        if (size > 0 && type == msgDataStderr && m_setup.logFd >= 0)
            writeAll(m_setup.logFd, m_chunk.data(), size);
        if (!sendMessage(type, m_chunk.data(), size) && size > 0)
            return Input::Error;
        if (size == 0)
            return Input::Eof;
    }
}

int DataProcess::run()
{
    const bool isService = m_setup.isService;
    if (isService && m_stderr < 0)
        sendMessage(msgDataStderr, nullptr, 0);
    if (isService && m_setup.exitCode)
        sendMessage(msgDataStdout, nullptr, 0);

    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    sigset_t none;
    ::sigemptyset(&none);

    for (const int fd : {m_stdin, m_stdout, m_stderr}) {
        if (fd >= 0)
            setNonBlocking(fd, true);
    }
    sleepThroughSignals(m_setup.injection.pauseAtStartMs);

    for (;;) {
        reap();
        if (finished())
            break;
        if (!m_vchan.isOpen() && m_vchan.dataReady() == 0 && buffered() == 0) {
            const bool allClosed = m_stdin < 0 && m_stdout < 0 && m_stderr < 0;
            if (isService || !allClosed || m_remoteStatus < 0)
                std::fprintf(stderr, "vchan connection closed early (fds: %d %d %d, status: %d %d)\n", m_stdin,
                             m_stdout, m_stderr, m_localStatus, m_remoteStatus);
            break;
        }

        if (m_setup.obeysUsr1 && sigusr1Seen != 0 && !m_singleSocket) {
            closeStdout();
            m_stdout = m_savedStdin;
            m_singleSocket = true;
            sigusr1Seen = 0;
        }

        enum { Stdin, Stdout, Stderr, Ring, Count };
        pollfd fds[Count] = {{-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}};
        if (m_stdin >= 0)
            fds[Stdin] = {m_stdin, static_cast<short>(buffered() > 0 ? POLLOUT : 0), 0};
        if (m_vchan.bufferSpace() > sizeof(MessageHeader)) {
            fds[Stdout] = {m_stdout, POLLIN, 0};
            fds[Stderr] = {m_stderr, POLLIN, 0};
        }
        if (m_vchan.isOpen())
            fds[Ring] = {m_vchan.fd(), POLLIN, 0};
        const bool more = (buffered() == 0 && m_vchan.dataReady() > 0) || m_vchan.hasEvent();
        const timespec timeout = {more ? 0 : 10, 0};
        m_vchan.settle();

        sleepThroughSignals(m_setup.injection.delayBeforePpollMs);
        int ready = ::ppoll(fds, Count, &timeout, &none);
        if (ready == 1 && fds[Ring].revents != 0 && m_setup.injection.vchanDeathIsSilent && m_vchan.wasDestroyed()) {
            // Not an event there. What is waited for goes on as if it had not come; a signal ends the wait as ever.
            fds[Ring] = {-1, 0, 0};
            ready = ::ppoll(fds, Count, &timeout, &none);
        }
        if (ready < 0) {
            if (errno == EINTR)
                continue;
            std::perror("poll");
            break;
        }
        if (fds[Ring].revents != 0 || m_vchan.hasEvent())
            m_vchan.clearEvent();

        if ((fds[Stdin].revents & (POLLHUP | POLLERR)) != 0)
            closeStdin();

        switch (handleRemote()) {
        case Remote::Ok:
            break;
        case Remote::Error:
            vchanError("read");
        case Remote::Eof:
            closeStdin();
            break;
        case Remote::Exited:
            // The remote process has ended: nothing local is of use to it any more.
            if (m_stdout >= 0)
                sendMessage(outType(), nullptr, 0);
            closeStdout();
            closeStderr();
            break;
        }
        if (m_stdout >= 0 && fds[Stdout].revents != 0) {
            switch (handleInput(m_stdout, outType())) {
            case Input::Ok:
                break;
            case Input::Error:
                vchanError("send(handle_input stdout)");
            case Input::Eof:
                closeStdout();
                break;
            }
        }
        if (m_stderr >= 0 && fds[Stderr].revents != 0) {
            switch (handleInput(m_stderr, msgDataStderr)) {
            case Input::Ok:
                break;
            case Input::Error:
                vchanError("send(handle_input stderr)");
            case Input::Eof:
                closeStderr();
                break;
            }
        }
    }

    // The local process must see the end of the connection even when it ended early.
    closeStdin();
    closeStdout();
    closeStderr();
    if (m_setup.localPid > 0 && m_localStatus < 0) {
        int status = 0;
        pid_t reaped = -1;
        do
            reaped = ::waitpid(m_setup.localPid, &status, 0);
        while (reaped < 0 && errno == EINTR);
        if (reaped > 0)
            m_localStatus = exitCodeOf(status);
    }
    if (!isService && m_remoteStatus != 0)
        return m_remoteStatus & 0xff;
    return m_setup.localPid > 0 ? m_localStatus : 0;
}

} // namespace lab
