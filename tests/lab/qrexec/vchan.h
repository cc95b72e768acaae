// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "uniquefd.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace lab {

/// What libvchan offers to qrexec, over one TCP connection to the broker: two rings of a fixed size, one a
/// direction. A byte occupies its ring from the sender's write until the receiver's read, as in the shared
/// memory of the real thing; whatever TCP buffers on the way does not count. On the wire: frames of one type
/// byte and a 32-bit little-endian length; 'D' carries that many bytes, 'C' gives so many bytes of room back, 'E' is
/// the end of who sends it, with nothing behind: who goes without it was destroyed.
class Vchan
{
public:
    enum class Role { Server, Client };
    static constexpr std::size_t defaultRing = 65536;

    /// Connects to the broker and waits until the other end of the call has come; null when that fails or
    /// takes longer than timeoutSeconds. eintrFails: see Injection.
    static std::unique_ptr<Vchan> open(const std::string &broker, const std::string &call, Role role, std::size_t ring,
                                       int timeoutSeconds, bool eintrFails);

    /// Lets everything sent so far arrive, then ends the connection.
    ~Vchan();
    Vchan(const Vchan &) = delete;
    Vchan &operator=(const Vchan &) = delete;

    int fd() const { return m_fd.get(); }
    /// False once the peer has gone; what it had sent can still be read.
    bool isOpen();
    std::size_t dataReady();
    std::size_t bufferSpace();
    /// The peer has gone and did not say so, which on Xen no event tells; isOpen() has not seen it yet. The look costs
    /// nothing of the state.
    bool wasDestroyed() const;
    /// Something has happened since the last clearEvent() (the pending bit of an event channel).
    bool hasEvent() const { return m_event; }
    void clearEvent();
    /// Tells the peer of all the room made; to be called before anything that blocks.
    void settle() { giveCredit(true); }

    /// Block until all is in the ring / has come; false when the vchan has been lost.
    bool send(const void *data, std::size_t size);
    bool receive(void *data, std::size_t size);

private:
    Vchan(UniqueFd fd, std::size_t ring, bool eintrFails);
    void pull();
    void parse();
    bool block();
    bool writeFrame(char type, const char *data, std::size_t size);
    void giveCredit(bool all);

    UniqueFd m_fd;
    std::size_t m_ring;
    bool m_eintrFails;
    bool m_open = true;
    bool m_event = false;
    bool m_saidGoodbye = false;
    std::size_t m_space;
    std::size_t m_consumed = 0;
    std::string m_raw;
    std::string m_in;
    std::size_t m_inAt = 0;
};

} // namespace lab
