// SPDX-License-Identifier: GPL-2.0-or-later
#include "deviceargument.h"

#include "pairs.h"

#include <algorithm>

namespace qubes {

using model::Assignment;
using model::AssignMode;
using model::DeviceId;

namespace {

/// The id in an argument: ':' is '+', "?******" is "_______". Nothing if the server could not turn it back: other
/// characters are changed on the way, and seven '_' would become "?******".
std::optional<QByteArray> idArgument(const DeviceId &id)
{
    QByteArray text = id.bytes();
    if (text.contains("_______"))
        return std::nullopt;
    text.replace("?******", "_______");
    const bool safe = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == ':' || c == '-';
    });
    if (!safe)
        return std::nullopt;
    text.replace(':', '+');
    return text;
}

/// `mode` empty: none is said.
QByteArray payloadOf(const QByteArray &id, const QByteArray &port, const model::QubeName &backend,
                     const model::QubeName &frontend, const QByteArray &mode)
{
    return (serialisedPair("device_id", id) + serialisedPair("port_id", port) + serialisedPair("devclass", "usb") +
            serialisedPair("backend_domain", backend.toLatin1()) + serialisedPair("mode", mode) +
            serialisedPair("frontend_domain", frontend.toLatin1()))
        .mid(1);
}

} // namespace

DeviceArgument attachArgument(const model::QubeName &frontend, const model::UsbDevice &device)
{
    const QByteArray place = portArgument(device.key);
    if (!device.id)
        return {place, {}};
    // Never another mode than manual: the server looks at the deny list for that one only.
    return {place + '+' + idArgument(*device.id).value_or("_"),
            payloadOf(device.id->bytes(), device.key.port.toLatin1(), device.key.backend, frontend, "manual")};
}

QByteArray portArgument(const model::DeviceKey &key)
{
    return key.backend.toLatin1() + '+' + key.port.toLatin1();
}

std::optional<QByteArray> assignmentArgument(const Assignment &assignment)
{
    const QByteArray port = assignment.port ? assignment.port->toLatin1() : QByteArray("_");
    const auto id = assignment.device ? idArgument(*assignment.device) : std::optional<QByteArray>("_");
    if (!id)
        return std::nullopt;
    return assignment.backend.toLatin1() + '+' + port + '+' + *id;
}

QByteArray assignmentPayload(const Assignment &assignment)
{
    return payloadOf(assignment.device ? assignment.device->bytes() : QByteArray("*"),
                     assignment.port ? assignment.port->toLatin1() : QByteArray("*"), assignment.backend,
                     assignment.frontend, modeWord(assignment.mode).value_or("manual"));
}

std::optional<QByteArray> modeWord(AssignMode mode)
{
    if (mode == AssignMode::Automatic)
        return "auto-attach";
    if (mode == AssignMode::Ask)
        return "ask-to-attach";
    return std::nullopt;
}

} // namespace qubes
