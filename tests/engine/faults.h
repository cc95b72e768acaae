// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

/// What may go wrong while the engine's processes run: at the n-th point somebody is killed, or the n-th call fails, or
/// there is no memory for the n-th object. A program that has this is linked with --wrap for the calls in faults.cpp.
/// The count is shared by all processes that are forked after it was set, so each point is met once, whoever comes to
/// it; what the fakes do is not counted.
class Faults
{
public:
    enum Victim : unsigned { Keeper = 1, Relay = 2, Peer = 4 };

    /// Points are right before and right after each call that others see: a write, a rename, an unlink, a message.
    static void killAt(unsigned point, unsigned victims);
    /// Calls are those that need something of the system: a process, a descriptor, room.
    static void failAt(unsigned call);
    static void noMemoryAt(unsigned allocation);
    static void end();

    /// The relay says who it is; the keeper is its child, the peer is whoever has the other end of the connection.
    static void setRelay(pid_t pid);
    static void setPeer(pid_t pid);
    static pid_t keeper();

    /// Whether the point, or the call, has been met.
    static bool met();
};
