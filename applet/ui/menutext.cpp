// SPDX-License-Identifier: GPL-2.0-or-later
#include "menutext.h"

namespace ui {

QString menuText(const QString &plain, DrawnBy drawnBy)
{
    QString text = plain;
    text.replace(QLatin1Char('\t'), QLatin1Char(' ')); // a QMenu shows a shortcut after it
    if (drawnBy == DrawnBy::Qt)
        return text.replace(QLatin1Char('&'), QLatin1String("&&"));
    // com.canonical.dbusmenu marks access keys by '_' and has "__" for one underscore. On the way out Qt turns the
    // first
    // '&' into '_' and leaves all others as they are (QDBusMenuItem::convertMnemonic), so one is to be sacrificed.
    const qsizetype ampersand = text.indexOf(QLatin1Char('&'));
    const qsizetype underscore = text.indexOf(QLatin1Char('_'));
    if (ampersand < 0)
        return text.replace(QLatin1Char('_'), QLatin1String("__"));
    if (underscore >= 0 && underscore < ampersand) {
        text.replace(QLatin1Char('_'), QLatin1String("__"));
        text[underscore] = QLatin1Char('&'); // becomes what it was
        return text;
    }
    // It becomes the mark of a zero width space, which nobody sees underlined. Behind a mark, libdbusmenu-gtk (Xfce)
    // reads "__" otherwise than before it and others do not, so there must be no underscore but one that looks alike.
    text.replace(QLatin1Char('_'), QChar(0x02cd));
    return text.prepend(QStringLiteral("&\u200b"));
}

} // namespace ui
