// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

namespace engine {

// How long each step may take. The man page has them as a table; dom0's tools wait 120 s for an attach.

using namespace std::chrono_literals;

constexpr auto attachTime = 100s;   ///< an attach altogether, from its request to its answer
constexpr auto answerTime = 5s;     ///< of that, kept for the words of the backend after a failure
constexpr auto requestTime = 10s;   ///< for the request on standard input
constexpr auto leavingTime = 25s;   ///< for the import before this one to end: 22 s if a disk went in its first look
constexpr auto handshakeTime = 45s; ///< for the backend's line
constexpr auto usableTime = 30s;    ///< for the kernel to enumerate the device, and for it to be allowed
constexpr auto allowedTime = 5s;    ///< of that, for usbguard to allow it

/// How long a device may seem to be in use before that is believed. Of the two sides of a connection that has ended one
/// is done before the other: the end travels through two qrexec processes, the kernel resets the device, and whoever
/// asked for the detach may have asked for the next attach by then.
constexpr auto busyTime = 3s;
constexpr auto givingBackTime = 10s; ///< ... and when it is being given back already
constexpr auto moduleTime = 15s;     ///< for modprobe
constexpr auto kernelTime = 10s;     ///< for a call that the kernel may hold: unbind, bind, reset, open
constexpr auto guardTime = 5s;       ///< for usbguard
constexpr auto switchTime = 10s;     ///< for qrexec to switch to a single socket
constexpr auto sendTime = 5s;        ///< for the line to the frontend
constexpr auto portTime = 5s;        ///< for the lock of the virtual ports

constexpr auto settleTime = 60s;     ///< for all that undoes a connection
constexpr auto settleAllTime = 300s; ///< `settle` and `detach-all --resume`, which have nothing else to do
constexpr auto databaseTime = 2s;    ///< of that, for QubesDB before the device has its driver back, and again after
constexpr auto resetTime = 5s;       ///< for the kernel to reset a device after its connection: 150 to 310 ms
constexpr auto lastResetTime = 30s;  ///< ... when it is given back: 21 s if it was unplugged in the middle of that
constexpr auto goneTime = 10s;       ///< for what a process that was killed left, on the way to something else

constexpr auto endTime = 25s;       ///< a detach: for the import or export to end in order
constexpr auto returnTime = 5s;     ///< ... and for the other side to take the device back
constexpr auto othersTime = 30s;    ///< ... and then for what others left
constexpr auto detachAllTime = 30s; ///< detach-all altogether
constexpr auto holdTime = 120s;     ///< how long it keeps new attaches away unless it is told to resume

} // namespace engine
