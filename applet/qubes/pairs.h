// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArray>
#include <QHash>

#include <optional>

namespace qubes {

/// The serialisation of devices and assignments since R4.3 (qubes/device_protocol.py): a raw head, then
/// "key='value' key='value' …".
struct SerialisedLine
{
    QByteArray untrustedHead;
    QHash<QByteArray, QByteArray> untrustedPairs; ///< known keys only; values unescaped
};

/// Splits one line; nothing if it is none. Within values only "'" is escaped (as "\'"), backslash is not, the head is
/// not escaped at all, and a value may end in anything; so neither a tokenizer of quotes nor the server's own parser
/// gets all lines right. What always holds: inside a value a quote follows a backslash, and the true list begins at
/// the last "device_id" that is followed by what begins a device id.
std::optional<SerialisedLine> parseSerialisedLine(const QByteArray &untrustedLine);

/// " key='value'" for a payload.
QByteArray serialisedPair(const char *key, const QByteArray &value);

} // namespace qubes
