// SPDX-License-Identifier: GPL-2.0-or-later
#include "menureader.h"

namespace testing {

namespace {

/// How a QMenu shows a text: "&&" is '&', a single '&' marks an access key, what follows a tab is a shortcut.
QString drawnByQt(const QString &text)
{
    QString shown;
    for (qsizetype i = 0; i < text.size() && text.at(i) != QLatin1Char('\t'); ++i) {
        if (text.at(i) == QLatin1Char('&') && ++i == text.size())
            break;
        shown.append(text.at(i));
    }
    return shown;
}

/// What Qt exports: QDBusMenuItem::convertMnemonic (qtbase, src/gui/platform/unix/dbusmenu/qdbusmenutypes.cpp).
QString sentToPanel(const QString &text)
{
    const qsizetype at = text.indexOf(QLatin1Char('&'));
    if (at < 0 || at == text.size() - 1)
        return text;
    QString label = text;
    label[at] = QLatin1Char('_');
    return label;
}

/// com.canonical.dbusmenu: "__" is '_', a single '_' marks an access key. An underlined zero width space is not seen.
/// What "__" is behind a mark differs from panel to panel: nothing that one can show.
QString drawnByPanel(const QString &label)
{
    QString shown;
    bool marked = false;
    for (qsizetype i = 0; i < label.size(); ++i) {
        if (label.at(i) == QLatin1Char('_')) {
            if (marked || ++i == label.size())
                return QStringLiteral("differs from panel to panel");
            marked = label.at(i) != QLatin1Char('_');
            if (marked && label.at(i) != QChar(0x200b))
                return QStringLiteral("an underlined letter");
        }
        shown.append(label.at(i));
    }
    return shown.remove(QChar(0x200b)).replace(QChar(0x02cd), QLatin1Char('_')); // looks alike
}

} // namespace

QString shownText(const QString &text, ui::DrawnBy drawnBy)
{
    return drawnBy == ui::DrawnBy::Qt ? drawnByQt(text) : drawnByPanel(sentToPanel(text));
}

} // namespace testing
