// SPDX-License-Identifier: GPL-2.0-or-later
#include "pairs.h"

#include <QList>

#include <algorithm>
#include <array>

namespace qubes {

namespace {

constexpr std::array knownKeys = {
    "device_id", "port_id",    "devclass",   "backend_domain", "vendor", "product",         "manufacturer",    "name",
    "serial",    "attachment", "interfaces", "parent_port_id", "mode",   "parent_devclass", "frontend_domain",
};

bool isKnownKey(QByteArrayView key)
{
    return (key.size() > 1 && key.front() == '_') ||
           std::any_of(knownKeys.begin(), knownKeys.end(), [&](const char *known) { return key == known; });
}

bool isHex4(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "VVVV:PPPP:" or "*'": how the value of a true device_id begins.
bool beginsDeviceId(QByteArrayView text)
{
    if (text.startsWith("*'"))
        return true;
    return text.size() >= 10 && isHex4(text.first(4)) && text.at(4) == ':' && isHex4(text.sliced(5, 4)) &&
           text.at(9) == ':';
}

/// Where the true list of pairs begins, at the key of its first pair.
qsizetype beginOfPairs(const QByteArray &line)
{
    const QByteArrayView marker(" device_id='");
    qsizetype from = line.size();
    while (from > 0) {
        const qsizetype at = line.lastIndexOf(marker, from - 1);
        if (at < 0)
            return -1;
        if (beginsDeviceId(QByteArrayView(line).sliced(at + marker.size())))
            return at + 1;
        from = at;
    }
    return -1;
}

/// What looks like the begin of a pair.
struct Candidate
{
    QByteArray key;
    qsizetype closing; ///< where the quote stands that ends the value before; -1 for the first pair
    qsizetype opening; ///< where the quote stands that begins this value
};

QList<Candidate> candidatesIn(const QByteArray &text)
{
    QList<Candidate> found;
    for (qsizetype equals = text.indexOf("='"); equals >= 0; equals = text.indexOf("='", equals + 1)) {
        qsizetype begin = equals;
        while (begin > 0 && text.at(begin - 1) != ' ')
            --begin;
        const QByteArray key = text.mid(begin, equals - begin);
        if (!isKnownKey(key))
            continue;
        qsizetype closing = begin - 1;
        while (closing >= 0 && text.at(closing) == ' ')
            --closing;
        if (begin != 0 && (closing < 0 || text.at(closing) != '\''))
            continue; // the end of a value such as "x serial="
        if (!found.isEmpty() && found.back().opening == closing)
            found.removeLast(); // its value would end before it begins: that one was the end of a value
        found.append(Candidate{key, closing, equals + 1});
    }
    return found;
}

} // namespace

std::optional<SerialisedLine> parseSerialisedLine(const QByteArray &untrustedLine)
{
    const qsizetype begin = beginOfPairs(untrustedLine);
    if (begin < 1)
        return std::nullopt;
    QByteArray text = untrustedLine.mid(begin);
    while (text.endsWith(' '))
        text.chop(1);
    const QList<Candidate> candidates = candidatesIn(text);
    if (candidates.isEmpty() || candidates.front().key != "device_id")
        return std::nullopt;
    SerialisedLine line;
    line.untrustedHead = untrustedLine.left(begin - 1);
    for (qsizetype i = 0; i < candidates.size(); ++i) {
        const Candidate &pair = candidates.at(i);
        const qsizetype end = i + 1 < candidates.size() ? candidates.at(i + 1).closing : text.size() - 1;
        if (end <= pair.opening || text.at(end) != '\'' || line.untrustedPairs.contains(pair.key))
            return std::nullopt;
        QByteArray value = text.mid(pair.opening + 1, end - pair.opening - 1);
        value.replace("\\'", "'");
        line.untrustedPairs.insert(pair.key, value);
    }
    return line;
}

QByteArray serialisedPair(const char *key, const QByteArray &value)
{
    QByteArray escaped = value;
    escaped.replace("'", "\\'");
    return QByteArray(" ") + key + "='" + escaped + '\'';
}

} // namespace qubes
