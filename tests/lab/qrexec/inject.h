// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace lab {

/// Faults that a test asks a data process to make, so that races of the real program that natural timing
/// shows once in thousands of calls can be met on purpose. Read once, when the data process starts, from
/// a file of "key = value" lines:
///   side = service | caller | both     which data processes obey (default both)
///   service = NAME                     only calls of this service (without argument)
///   delay-before-ppoll-ms = N          wait between the last look at the SIGUSR1 flag and ppoll
///   pause-at-start-ms = N              not scheduled for so long after the child has been started
///   delay-before-hello-ms = N          the peer waits so long in the handshake
///   split-chunk-ms = N                 wait between the header and the data of a message, as a slow sender would
///   vchan-death = silent               a peer that is destroyed wakes nobody, as on Xen: it is seen at the next look
///   vchan-eintr = fail                 a blocking wait for the vchan that a signal interrupts fails, as on Xen
struct Injection
{
    int delayBeforePpollMs = 0;
    int pauseAtStartMs = 0;
    int delayBeforeHelloMs = 0;
    int splitChunkMs = 0;
    bool vchanEintrFails = false;
    bool vchanDeathIsSilent = false;

    enum class Side { Service, Caller };
    /// A missing file means no faults.
    static Injection read(const std::string &path, Side side, const std::string &service);
};

/// Sleeps the whole time whatever signals arrive.
void sleepThroughSignals(int milliseconds);

} // namespace lab
