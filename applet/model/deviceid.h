// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

#include <optional>

namespace model {

/// One interface as the Admin API writes it: "u" + class, subclass, protocol in hex ("u080650"). '*' matches any
/// digit; "?******" is an interface nobody knows.
class Interface
{
public:
    static constexpr qsizetype length = 7;

    static std::optional<Interface> parse(QByteArrayView untrusted);
    /// "u080650u030101…": any number of whole interfaces, or nothing if one of them is none.
    static std::optional<QList<Interface>> parseList(QByteArrayView untrusted);

    const QByteArray &bytes() const { return m_bytes; }
    bool isKnown() const { return m_bytes.front() == 'u'; }
    bool hasWildcard() const { return m_bytes.contains('*'); }
    /// Class, subclass and protocol; nothing while one of them is a wildcard.
    std::optional<int> classCode() const { return number(1); }
    std::optional<int> subclassCode() const { return number(3); }
    std::optional<int> protocolCode() const { return number(5); }
    /// Whether this, as a pattern, covers `other`.
    bool covers(const Interface &other) const;

    bool operator==(const Interface &) const = default;

private:
    explicit Interface(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
    }
    std::optional<int> number(qsizetype at) const;

    QByteArray m_bytes;
};

/// What a device says it is (R4.3+): "VVVV:PPPP:SERIAL:INTERFACES". The serial is any printable ASCII and can be long;
/// bytes() is for the wire only and never for display.
class DeviceId
{
public:
    static std::optional<DeviceId> parse(QByteArrayView untrusted);

    const QByteArray &bytes() const { return m_bytes; }
    quint16 vendor() const { return m_vendor; }
    quint16 product() const { return m_product; }
    QByteArrayView untrustedSerial() const { return m_serial; }
    const QList<Interface> &interfaces() const { return m_interfaces; }
    /// False for "0000:0000::?******", what a server says that knows nothing about the device.
    bool isKnown() const { return m_vendor != 0 || m_product != 0; }

    bool operator==(const DeviceId &other) const { return m_bytes == other.m_bytes; }

private:
    DeviceId() = default;

    QByteArray m_bytes;
    QByteArray m_serial;
    QList<Interface> m_interfaces;
    quint16 m_vendor = 0;
    quint16 m_product = 0;
};

} // namespace model
