// SPDX-License-Identifier: GPL-2.0-or-later
#include "failure.h"

namespace model {

const char *reasonName(Reason reason)
{
    switch (reason) {
    case Reason::Refused:
        return "Refused";
    case Reason::DeniedInterface:
        return "DeniedInterface";
    case Reason::Unreachable:
        return "Unreachable";
    case Reason::ConnectionLost:
        return "ConnectionLost";
    case Reason::TimedOut:
        return "TimedOut";
    case Reason::NoAnswer:
        return "NoAnswer";
    case Reason::Garbled:
        return "Garbled";
    case Reason::Busy:
        return "Busy";
    case Reason::NoSuchQube:
        return "NoSuchQube";
    case Reason::QubeNotRunning:
        return "QubeNotRunning";
    case Reason::QubePaused:
        return "QubePaused";
    case Reason::QubeNotHalted:
        return "QubeNotHalted";
    case Reason::AnotherDevice:
        return "AnotherDevice";
    case Reason::NoSuchDevice:
        return "NoSuchDevice";
    case Reason::AlreadyAttached:
        return "AlreadyAttached";
    case Reason::NotAttached:
        return "NotAttached";
    case Reason::AlreadyAssigned:
        return "AlreadyAssigned";
    case Reason::NotAssigned:
        return "NotAssigned";
    case Reason::RequiredAssignment:
        return "RequiredAssignment";
    case Reason::ProxyMissing:
        return "ProxyMissing";
    case Reason::AttachFailed:
        return "AttachFailed";
    case Reason::SamePortElsewhere:
        return "SamePortElsewhere";
    case Reason::NotAsAnswered:
        return "NotAsAnswered";
    case Reason::NotSupported:
        return "NotSupported";
    case Reason::FeatureNotSet:
        return "FeatureNotSet";
    case Reason::Invalid:
        return "Invalid";
    case Reason::Cancelled:
        return "Cancelled";
    case Reason::Other:
        return "Other";
    }
    return "Other";
}

} // namespace model
