// SPDX-License-Identifier: GPL-2.0-or-later
// What an action's text becomes on the screen, drawn by Qt and drawn by a panel.
#include "ui/menutext.h"

#include <QTest>

using ui::DrawnBy;

class TestMenuText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shows_data();
    void shows();

private:
    static QString drawnByQt(const QString &text);
    static QString sentToPanel(const QString &text);
    static QString drawnByPanel(const QString &label);
};

/// How a QMenu shows a text: "&&" is '&', a single '&' marks an access key, what follows a tab is a shortcut.
QString TestMenuText::drawnByQt(const QString &text)
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
QString TestMenuText::sentToPanel(const QString &text)
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
QString TestMenuText::drawnByPanel(const QString &label)
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

void TestMenuText::shows_data()
{
    QTest::addColumn<QString>("plain");
    for (const char *const plain : {"plain",
                                    "A & B",
                                    "A && B",
                                    "A&B&C&D",
                                    "&first",
                                    "last&",
                                    "&",
                                    "&&",
                                    "&&&",
                                    "_",
                                    "__",
                                    "a_b",
                                    "_a",
                                    "a_",
                                    "R&D_lab_1",
                                    "_&_",
                                    "&_&",
                                    "a & b_c & d__e",
                                    "<b>bold</b> &amp; %s",
                                    "Gerät – „gut“ & günstig",
                                    ""})
        QTest::newRow(plain) << QString::fromUtf8(plain);
}

void TestMenuText::shows()
{
    QFETCH(QString, plain);
    QCOMPARE(drawnByQt(ui::menuText(plain, DrawnBy::Qt)), plain);
    QCOMPARE(drawnByPanel(sentToPanel(ui::menuText(plain, DrawnBy::Panel))), plain);
}

QTEST_APPLESS_MAIN(TestMenuText)
#include "tst_menutext.moc"
