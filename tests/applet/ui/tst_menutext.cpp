// SPDX-License-Identifier: GPL-2.0-or-later
// What an action's text becomes on the screen, drawn by Qt and drawn by a panel.
#include "menureader.h"

#include <QTest>

using ui::DrawnBy;

class TestMenuText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shows_data();
    void shows();
};

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
    for (const DrawnBy drawnBy : {DrawnBy::Qt, DrawnBy::Panel})
        QCOMPARE(testing::shownText(ui::menuText(plain, drawnBy), drawnBy), plain);
}

QTEST_APPLESS_MAIN(TestMenuText)
#include "tst_menutext.moc"
