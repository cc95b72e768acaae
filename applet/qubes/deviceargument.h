// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/qubessystem.h"

#include <QByteArray>

namespace qubes {

/// How a device is named in a call: the argument and, for R4.3+, the payload.
struct DeviceArgument
{
    QByteArray argument;
    QByteArray payload;

    bool operator==(const DeviceArgument &) const = default;
};

/// For Attach, R4.3+. Pins the identity: the server refuses if another device is plugged in there now. An id that the
/// framing or qrexec would change goes in the payload only; the server compares that one as well.
DeviceArgument attachArgument(const model::QubeName &frontend, const model::UsbDevice &device);

/// For Detach of any release and Attach of R4.1/4.2: "BACKEND+PORT".
QByteArray portArgument(const model::DeviceKey &key);

/// For Assign, Unassign and Set.assignment, R4.3+: exactly the pair that is or is to be assigned, "_" for any. Nothing
/// if its id can't be said in an argument.
std::optional<QByteArray> assignmentArgument(const model::Assignment &assignment);
QByteArray assignmentPayload(const model::Assignment &assignment);

/// "auto-attach" and the like; nothing for modes that are not set this way.
std::optional<QByteArray> modeWord(model::AssignMode mode);

} // namespace qubes
