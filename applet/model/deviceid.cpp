// SPDX-License-Identifier: GPL-2.0-or-later
#include "deviceid.h"

#include <algorithm>

namespace model {

namespace {

bool isLowerHex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::optional<quint16> parseHex4(QByteArrayView text)
{
    if (text.size() != 4 || !std::all_of(text.begin(), text.end(), isLowerHex))
        return std::nullopt;
    return text.toByteArray().toUShort(nullptr, 16);
}

} // namespace

std::optional<Interface> Interface::parse(QByteArrayView untrusted)
{
    if (untrusted.size() != length)
        return std::nullopt;
    if (untrusted == QByteArrayView("?******"))
        return Interface(untrusted.toByteArray());
    if (untrusted.front() != 'u' ||
        !std::all_of(untrusted.begin() + 1, untrusted.end(), [](char c) { return isLowerHex(c) || c == '*'; }))
        return std::nullopt;
    return Interface(untrusted.toByteArray());
}

std::optional<QList<Interface>> Interface::parseList(QByteArrayView untrusted)
{
    if (untrusted.size() % length != 0)
        return std::nullopt;
    QList<Interface> list;
    for (qsizetype at = 0; at < untrusted.size(); at += length) {
        const auto one = parse(untrusted.sliced(at, length));
        if (!one)
            return std::nullopt;
        list.append(*one);
    }
    return list;
}

std::optional<int> Interface::number(qsizetype at) const
{
    bool ok = false;
    const int value = m_bytes.mid(at, 2).toInt(&ok, 16);
    return ok ? std::optional(value) : std::nullopt;
}

bool Interface::covers(const Interface &other) const
{
    for (qsizetype i = 0; i < length; ++i) {
        if (m_bytes.at(i) != '*' && m_bytes.at(i) != other.m_bytes.at(i))
            return false;
    }
    return true;
}

std::optional<DeviceId> DeviceId::parse(QByteArrayView untrusted)
{
    const bool printable =
        std::all_of(untrusted.begin(), untrusted.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!printable || untrusted.size() < 10 || untrusted.at(4) != ':' || untrusted.at(9) != ':')
        return std::nullopt;
    const auto vendor = parseHex4(untrusted.first(4));
    const auto product = parseHex4(untrusted.sliced(5, 4));
    // The serial may hold colons itself; interfaces never do.
    const qsizetype lastColon = untrusted.lastIndexOf(':');
    if (!vendor || !product || lastColon < 10)
        return std::nullopt;
    const auto interfaces = Interface::parseList(untrusted.sliced(lastColon + 1));
    if (!interfaces)
        return std::nullopt;
    DeviceId id;
    id.m_bytes = untrusted.toByteArray();
    id.m_vendor = *vendor;
    id.m_product = *product;
    id.m_serial = untrusted.sliced(10, lastColon - 10).toByteArray();
    id.m_interfaces = *interfaces;
    return id;
}

} // namespace model
