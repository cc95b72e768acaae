// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArrayView>
#include <QHashFunctions>
#include <QString>

#include <compare>
#include <optional>

namespace model {

/// A qube's name: [a-zA-Z][a-zA-Z0-9_.-]*, at most 31 characters, and none of the names that
/// no qube has (qubes/vm/__init__.py, validate_name).
class QubeName
{
public:
    static std::optional<QubeName> parse(QByteArrayView untrusted);
    static std::optional<QubeName> parse(const QString &untrusted);
    static QubeName dom0();

    const QString &toString() const { return m_text; }
    QByteArray toLatin1() const { return m_text.toLatin1(); }
    bool isDom0() const;

    bool operator==(const QubeName &) const = default;
    std::strong_ordering operator<=>(const QubeName &other) const;
    friend size_t qHash(const QubeName &name, size_t seed = 0) { return qHash(name.m_text, seed); }

private:
    explicit QubeName(QString text)
        : m_text(std::move(text))
    {
    }
    QString m_text;
};

/// A USB port as sysfs names it, "2-1" or "1-1.4". Ordered as people count: 1-2 before 1-10.
class PortId
{
public:
    static std::optional<PortId> parse(QByteArrayView untrusted);
    static std::optional<PortId> parse(const QString &untrusted);

    const QString &toString() const { return m_text; }
    QByteArray toLatin1() const { return m_text.toLatin1(); }

    bool operator==(const PortId &) const = default;
    std::strong_ordering operator<=>(const PortId &other) const;
    friend size_t qHash(const PortId &port, size_t seed = 0) { return qHash(port.m_text, seed); }

private:
    explicit PortId(QString text)
        : m_text(std::move(text))
    {
    }
    QString m_text;
};

/// Which place is meant: a port of a backend. Says nothing about what is plugged in there.
struct DeviceKey
{
    QubeName backend;
    PortId port;

    bool operator==(const DeviceKey &) const = default;
    std::strong_ordering operator<=>(const DeviceKey &other) const
    {
        const auto order = backend <=> other.backend;
        return std::is_neq(order) ? order : port <=> other.port;
    }
    friend size_t qHash(const DeviceKey &key, size_t seed = 0) { return qHashMulti(seed, key.backend, key.port); }
    /// "sys-usb:2-1", as the command line tools write it.
    QString toString() const { return backend.toString() + QLatin1Char(':') + port.toString(); }
};

/// The name of a label (a qube's colour): [a-zA-Z0-9_.-]+, at most 31 characters.
class LabelName
{
public:
    static std::optional<LabelName> parse(QByteArrayView untrusted);

    const QString &toString() const { return m_text; }
    QByteArray toLatin1() const { return m_text.toLatin1(); }
    bool operator==(const LabelName &) const = default;
    friend size_t qHash(const LabelName &label, size_t seed = 0) { return qHash(label.m_text, seed); }

private:
    explicit LabelName(QString text)
        : m_text(std::move(text))
    {
    }
    QString m_text;
};

} // namespace model
