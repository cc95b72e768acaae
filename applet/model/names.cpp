// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <algorithm>

namespace model {

namespace {

constexpr qsizetype maxNameLength = 31;
constexpr qsizetype maxPortLength = 31; // BUSID_SIZE - 1 in drivers/usb/usbip/usbip_common.h

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isNameChar(char c)
{
    return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '-';
}

/// Words that stand for no qube, or for something that is none: names that Qubes gives to nobody (validate_name in
/// qubes/vm/__init__.py).
bool isReserved(QByteArrayView name)
{
    return name.compare("none", Qt::CaseInsensitive) == 0 || name.compare("default", Qt::CaseInsensitive) == 0 ||
           name == QByteArrayView("Domain-0") || name.endsWith("-dm");
}

/// Bytes of a string that came over D-Bus or from a setting; empty (so: refused) unless all are ASCII.
QByteArray asciiOrNothing(const QString &untrusted)
{
    const bool ascii = std::all_of(untrusted.begin(), untrusted.end(), [](QChar c) { return c.unicode() < 0x80; });
    return ascii ? untrusted.toLatin1() : QByteArray();
}

} // namespace

std::optional<QubeName> QubeName::parse(QByteArrayView untrusted)
{
    if (untrusted.isEmpty() || untrusted.size() > maxNameLength || !isLetter(untrusted.front()) ||
        !std::all_of(untrusted.begin(), untrusted.end(), isNameChar) || isReserved(untrusted))
        return std::nullopt;
    return QubeName(QString::fromLatin1(untrusted));
}

std::optional<QubeName> QubeName::parse(const QString &untrusted)
{
    return parse(QByteArrayView(asciiOrNothing(untrusted)));
}

QubeName QubeName::dom0()
{
    return QubeName(QStringLiteral("dom0"));
}

bool QubeName::isDom0() const
{
    return m_text == QLatin1String("dom0");
}

std::strong_ordering QubeName::operator<=>(const QubeName &other) const
{
    return QString::compare(m_text, other.m_text) <=> 0;
}

std::optional<PortId> PortId::parse(QByteArrayView untrusted)
{
    // ^[0-9]+-[0-9]+(\.[0-9]+)*$, as the server checks it.
    if (untrusted.isEmpty() || untrusted.size() > maxPortLength)
        return std::nullopt;
    bool seenDash = false;
    bool wantDigit = true;
    for (const char c : untrusted) {
        if (isDigit(c)) {
            wantDigit = false;
        } else if (!wantDigit && ((c == '-' && !seenDash) || (c == '.' && seenDash))) {
            seenDash = true;
            wantDigit = true;
        } else {
            return std::nullopt;
        }
    }
    if (wantDigit || !seenDash)
        return std::nullopt;
    return PortId(QString::fromLatin1(untrusted));
}

std::optional<PortId> PortId::parse(const QString &untrusted)
{
    return parse(QByteArrayView(asciiOrNothing(untrusted)));
}

std::strong_ordering PortId::operator<=>(const PortId &other) const
{
    qsizetype i = 0;
    qsizetype j = 0;
    const auto number = [](const QString &text, qsizetype &at) {
        QString digits;
        while (at < text.size() && text.at(at).isDigit())
            digits.append(text.at(at++));
        ++at; // the separator
        while (digits.size() > 1 && digits.front() == u'0')
            digits.remove(0, 1);
        return digits;
    };
    while (i < m_text.size() && j < other.m_text.size()) {
        const QString left = number(m_text, i);
        const QString right = number(other.m_text, j);
        if (left.size() != right.size())
            return left.size() <=> right.size();
        if (const int order = left.compare(right); order != 0)
            return order <=> 0;
    }
    if (const auto rest = (m_text.size() - i) <=> (other.m_text.size() - j);
        i < m_text.size() || j < other.m_text.size())
        return rest;
    return QString::compare(m_text, other.m_text) <=> 0;
}

std::optional<LabelName> LabelName::parse(QByteArrayView untrusted)
{
    if (untrusted.isEmpty() || untrusted.size() > maxNameLength ||
        !std::all_of(untrusted.begin(), untrusted.end(), isNameChar))
        return std::nullopt;
    return LabelName(QString::fromLatin1(untrusted));
}

} // namespace model
