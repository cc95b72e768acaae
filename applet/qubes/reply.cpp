// SPDX-License-Identifier: GPL-2.0-or-later
#include "reply.h"

#include <algorithm>
#include <array>

namespace qubes {

using model::Failure;
using model::PlainText;
using model::Reason;

namespace {

constexpr qsizetype maxMessage = 500;

struct ClassReason
{
    const char *name;
    Reason reason;
};

constexpr std::array classReasons = {
    ClassReason{"QubesVMNotFoundError", Reason::NoSuchQube},
    ClassReason{"QubesVMInvalidUUIDError", Reason::NoSuchQube},
    ClassReason{"QubesVMNotRunningError", Reason::QubeNotRunning},
    ClassReason{"QubesVMNotStartedError", Reason::QubeNotRunning},
    ClassReason{"QubesVMNotHaltedError", Reason::QubeNotHalted},
    ClassReason{"QubesVMShutdownTimeoutError", Reason::TimedOut},
    ClassReason{"DeviceNotAssigned", Reason::NotAssigned},
    ClassReason{"DeviceNotAttached", Reason::NotAttached},
    ClassReason{"DeviceNotFound", Reason::NoSuchDevice},
    ClassReason{"UnrecognizedDevice", Reason::NoSuchDevice},
    ClassReason{"UnexpectedDeviceProperty", Reason::NoSuchDevice},
    ClassReason{"DeviceAlreadyAttached", Reason::AlreadyAttached},
    ClassReason{"DeviceAlreadyAssigned", Reason::AlreadyAssigned},
    ClassReason{"USBProxyNotInstalled", Reason::ProxyMissing},
    ClassReason{"QubesUSBException", Reason::AttachFailed},
    ClassReason{"QubesFeatureNotFoundError", Reason::FeatureNotSet},
    ClassReason{"PermissionDenied", Reason::Refused},
    ClassReason{"QubesNotImplementedError", Reason::NotSupported},
};

/// In one line. PlainText makes every control character visible, but a line's end is just the end of a line.
QByteArray inOneLine(QByteArray text)
{
    return text.replace("\r\n", " ").replace('\n', ' ').trimmed();
}

/// Undoes Python's repr(): one pair of quotes and the escapes \\, \n, \'.
QByteArray withoutRepr(const QByteArray &text)
{
    if (text.size() < 2 || text.front() != text.back() || (text.front() != '\'' && text.front() != '"'))
        return text;
    QByteArray out;
    for (qsizetype i = 1; i < text.size() - 1; ++i) {
        if (text.at(i) == '\\' && i + 1 < text.size() - 1) {
            const char next = text.at(i + 1);
            if (next == '\\' || next == '\'' || next == '"' || next == 'n') {
                out.append(next == 'n' ? ' ' : next);
                ++i;
                continue;
            }
        }
        out.append(text.at(i));
    }
    return out;
}

} // namespace

Failure failureOf(const QByteArray &exceptionClass, const QByteArray &untrustedMessage)
{
    Failure failure{Reason::Other, PlainText::fromUntrusted(inOneLine(withoutRepr(untrustedMessage)), maxMessage)};
    const auto *const found = std::find_if(classReasons.begin(), classReasons.end(),
                                           [&](const ClassReason &entry) { return exceptionClass == entry.name; });
    if (found != classReasons.end())
        failure.reason = found->reason;
    // Some classes stand for several things that only their text tells apart (qubes/ext, qubes/vm/mix/…).
    if (failure.reason == Reason::QubeNotRunning && untrustedMessage.endsWith(" is paused"))
        failure.reason = Reason::QubePaused;
    if (failure.reason == Reason::QubeNotHalted &&
        (untrustedMessage.contains("required device") || untrustedMessage.contains("persistent attachment")))
        failure.reason = Reason::RequiredAssignment;
    if (failure.reason == Reason::Refused && untrustedMessage.contains("banned interface"))
        failure.reason = Reason::DeniedInterface;
    if (failure.reason == Reason::NotAssigned && untrustedMessage.contains("not attached to"))
        failure.reason = Reason::NotAttached;
    if (exceptionClass == "ProtocolError" && untrustedMessage.contains("ambiguous"))
        failure.reason = Reason::NoSuchDevice;
    return failure;
}

model::Result<QByteArray> parseReply(const QByteArray &untrustedBytes)
{
    if (untrustedBytes.isEmpty())
        return Failure{Reason::NoAnswer, {}};
    if (untrustedBytes.startsWith(QByteArrayView("0\0", 2)))
        return untrustedBytes.mid(2);
    if (!untrustedBytes.startsWith(QByteArrayView("2\0", 2)))
        return Failure{Reason::Garbled, {}};
    // class, traceback, message, then format fields that no server sends; the message is never a format string here.
    const QList<QByteArray> fields = untrustedBytes.mid(2).split('\0');
    if (fields.size() < 4 || fields.front().isEmpty())
        return Failure{Reason::Garbled, {}};
    return failureOf(fields.at(0), fields.at(2));
}

} // namespace qubes
