// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plaintext.h"

namespace model {

/// Why something did not work, as far as a caller decides or words a sentence by it.
/// The sentence itself is made in the layer that talks to people.
enum class Reason {
    Refused,            ///< policy, or the server itself, does not allow the call
    DeniedInterface,    ///< the qube's deny list names an interface of the device
    Unreachable,        ///< qubesd or qrexec cannot be reached, or the connection broke before an answer
    ConnectionLost,     ///< the connection broke before the answer, and nothing shows that it was done
    TimedOut,           ///< no answer in time; what was asked for may still happen
    NoAnswer,           ///< the server closed without a word: refused, bad argument, or an error inside it
    Garbled,            ///< the answer is not one
    Busy,               ///< another job works on this device
    NoSuchQube,         ///< the qube does not exist (any more)
    QubeNotRunning,     ///< the qube is halted
    QubePaused,         ///< the qube is paused
    QubeNotHalted,      ///< only possible while the qube is halted
    NoSuchDevice,       ///< the device is not there (any more)
    AnotherDevice,      ///< at that port is another device than the one that was meant; `said` is its name
    AlreadyAttached,    ///< the device is attached, to this or another qube
    NotAttached,        ///< the device is not attached to that qube
    AlreadyAssigned,    ///< such an automatic rule exists
    NotAssigned,        ///< there is no such automatic rule
    RequiredAssignment, ///< the qube requires the device while it runs
    ProxyMissing,       ///< qubes-usb-proxy is not installed in the frontend
    AttachFailed,       ///< the services in the qubes failed; `said` tells why
    SamePortElsewhere,  ///< another backend's device with the same port is attached there: the server could take that
                        ///< one
    NotAsAnswered,      ///< the server reported success and yet nothing changed
    NotSupported,       ///< this release of the server cannot do that
    FeatureNotSet,      ///< the qube has no such feature
    Invalid,            ///< the request makes no sense (own backend, dom0, not a device)
    Cancelled,          ///< the user did not want to wait any longer
    Other,              ///< something else; `said` tells what
};

/// One failure: the reason, and what the server or program said about it (may be empty).
struct Failure
{
    Reason reason = Reason::Other;
    PlainText said = {};

    bool operator==(const Failure &) const = default;
};

/// Stable name of a reason in CamelCase, as used in D-Bus error names and logs.
const char *reasonName(Reason reason);

} // namespace model
