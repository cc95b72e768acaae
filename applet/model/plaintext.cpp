// SPDX-License-Identifier: GPL-2.0-or-later
#include "plaintext.h"

#include <QStringDecoder>

#include <algorithm>

namespace model {

namespace {

constexpr int maxStackedMarks = 2;

bool isMark(char32_t c)
{
    const auto category = QChar::category(c);
    return category == QChar::Mark_NonSpacing || category == QChar::Mark_Enclosing;
}

/// What no display shows as itself: turns the text around it, takes no room, or has no meaning outside its maker.
bool isHidden(char32_t c)
{
    switch (QChar::category(c)) {
    case QChar::Other_Control:
    case QChar::Other_Format: // bidi controls, zero width joiners, tags, the byte order mark
    case QChar::Other_Surrogate:
    case QChar::Other_PrivateUse:
    case QChar::Other_NotAssigned:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        break;
    }
    // Blank letters and variation selectors: invisible though their categories say otherwise.
    return c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || c == 0x2800 || c == 0x034F ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

QString spelledOut(char32_t c)
{
    if (c < 0x20)
        return QString(QChar(static_cast<char16_t>(0x2400 + c))); // control pictures
    if (c == 0x7F)
        return QString(QChar(u'\u2421'));
    return QStringLiteral("\\u{%1}").arg(static_cast<uint>(c), 0, 16);
}

} // namespace

PlainText PlainText::fromUntrusted(QByteArrayView untrusted, qsizetype limit)
{
    // What lies far beyond the limit cannot be shown, so it is not decoded either.
    const qsizetype enough = limit * 16 + 64;
    QStringDecoder decode(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decode(untrusted.first(std::min(untrusted.size(), enough)));
    return fromUntrusted(decoded, limit);
}

PlainText PlainText::fromUntrusted(const QString &untrusted, qsizetype limit)
{
    QString out;
    int marks = 0;
    bool pendingSpace = false;
    for (qsizetype i = 0; i < untrusted.size(); ++i) {
        char32_t c = untrusted.at(i).unicode();
        if (untrusted.at(i).isHighSurrogate() && i + 1 < untrusted.size() && untrusted.at(i + 1).isLowSurrogate()) {
            c = QChar::surrogateToUcs4(untrusted.at(i), untrusted.at(i + 1));
            ++i;
        }
        if (QChar::isSpace(c) && !isHidden(c)) {
            pendingSpace = true; // runs of blanks, which could push text out of sight, are one blank
            continue;
        }
        if (isMark(c) && ++marks > maxStackedMarks)
            continue;
        if (!isMark(c))
            marks = 0;
        QString piece = isHidden(c) ? spelledOut(c) : QString::fromUcs4(&c, 1);
        if (pendingSpace && !out.isEmpty())
            piece.prepend(u' ');
        pendingSpace = false;
        if (out.size() + piece.size() > limit) {
            while (out.size() > std::max<qsizetype>(limit - 1, 0)) {
                out.chop(1);
                if (!out.isEmpty() && out.back().isHighSurrogate())
                    out.chop(1);
            }
            out.append(u'…');
            break;
        }
        out.append(piece);
    }
    return PlainText(out);
}

} // namespace model
