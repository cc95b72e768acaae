// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArrayView>
#include <QString>

namespace model {

/// Text that came from a device, another qube or a server and may be shown. The only escaping and bounding point:
/// bytes become a PlainText here and in no other way. Control characters are visible, characters that turn or hide
/// text (bidi, zero width) are spelled out, stacked accents and the length are bounded. It is plain text: never give
/// it to anything that reads markup (see dbus::NotificationClient for the one border where it is escaped again).
class PlainText
{
public:
    static constexpr qsizetype defaultLimit = 120;

    PlainText() = default;
    /// `limit` is in characters of the result; what is longer ends in "…".
    static PlainText fromUntrusted(QByteArrayView untrusted, qsizetype limit = defaultLimit);
    static PlainText fromUntrusted(const QByteArray &untrusted, qsizetype limit = defaultLimit)
    {
        return fromUntrusted(QByteArrayView(untrusted), limit);
    }
    static PlainText fromUntrusted(const QString &untrusted, qsizetype limit = defaultLimit);

    const QString &toString() const { return m_text; }
    bool isEmpty() const { return m_text.isEmpty(); }

    bool operator==(const PlainText &) const = default;

private:
    explicit PlainText(QString text)
        : m_text(std::move(text))
    {
    }
    QString m_text;
};

} // namespace model
