// SPDX-License-Identifier: GPL-2.0-or-later
// Starting with the session, or not: the files that decide it.
#include "ui/autostart.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using ui::Autostart;

class TestAutostart : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QVERIFY(m_home->isValid() && QDir(m_home->path()).mkdir(QStringLiteral("system")));
    }

    void installed();
    void notInstalled();
    void hiddenByTheSystem();
    void entryOfTheUserStays();
    void entriesAsPeopleWriteThem();
    void cannotBeChanged();

private:
    Autostart autostart() const
    {
        return {m_home->filePath(QStringLiteral("user")), {m_home->filePath(QStringLiteral("system"))}};
    }
    QString own() const { return m_home->filePath(QStringLiteral("user/org.qubes.UsbApplet.desktop")); }
    void write(const QString &folder, const QByteArray &text) const
    {
        QVERIFY(QDir(m_home->path()).mkpath(folder));
        QFile file(m_home->filePath(folder + QStringLiteral("/org.qubes.UsbApplet.desktop")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }
    QByteArray read() const
    {
        QFile file(own());
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

void TestAutostart::installed()
{
    write(QStringLiteral("system"), "[Desktop Entry]\nType=Application\nExec=qubes-usb-applet --background\n");
    QVERIFY(autostart().isOn());
    QVERIFY(autostart().setOn(false));
    QVERIFY(!autostart().isOn());
    QVERIFY(read().startsWith("[Desktop Entry]\n") && read().contains("\nHidden=true\n"));
    QVERIFY(autostart().setOn(true));
    QVERIFY(autostart().isOn());
    QVERIFY(!QFile::exists(own())); // so that a newer package can bring another entry
}

void TestAutostart::notInstalled()
{
    QVERIFY(!autostart().isOn());
    QVERIFY(autostart().setOn(true));
    QVERIFY(autostart().isOn());
    QVERIFY(read().contains("\nExec=qubes-usb-applet --background\n"));
    QVERIFY(autostart().setOn(false));
    QVERIFY(!autostart().isOn());
    QVERIFY(!QFile::exists(own()));
}

void TestAutostart::hiddenByTheSystem()
{
    write(QStringLiteral("system"), "[Desktop Entry]\nExec=x\nHidden = True\n");
    QVERIFY(!autostart().isOn());
    QVERIFY(autostart().setOn(true));
    QVERIFY(autostart().isOn());
}

void TestAutostart::entryOfTheUserStays()
{
    const QByteArray mine = "[Desktop Entry]\nType=Application\nExec=qubes-usb-applet --transport qrexec\n";
    write(QStringLiteral("user"), mine);
    QVERIFY(autostart().isOn());
    QVERIFY(autostart().setOn(true));
    QCOMPARE(read(), mine);
    // Off and on again, with and without an entry of the system's, nothing of it is lost.
    for (const bool installed : {false, true}) {
        if (installed)
            write(QStringLiteral("system"), "[Desktop Entry]\nType=Application\nExec=x\n");
        QVERIFY(autostart().setOn(false));
        QVERIFY(!autostart().isOn());
        QVERIFY(read().startsWith("[Desktop Entry]\nHidden=true\n") && read().contains("--transport qrexec"));
        QVERIFY(autostart().setOn(true));
        QCOMPARE(read(), mine);
    }
}

/// The key counts in its group only, and the last one of several; line ends as Windows has them are no other words.
void TestAutostart::entriesAsPeopleWriteThem()
{
    write(QStringLiteral("user"), "# mine\n[Desktop Entry]\r\nType=Application\r\nHidden=false\r\nExec=x\r\n\r\n"
                                  "[Desktop Action Other]\r\nHidden=true\r\n");
    QVERIFY(autostart().isOn());
    QVERIFY(autostart().setOn(false));
    QVERIFY(!autostart().isOn());
    QVERIFY(!read().contains("Hidden=false"));
    QVERIFY(read().startsWith("# mine\n[Desktop Entry]\r\nHidden=true\n"));
    QVERIFY(read().endsWith("[Desktop Action Other]\r\nHidden=true\r\n"));
    QVERIFY(autostart().setOn(true));
    QVERIFY(autostart().isOn());
    QVERIFY(read().endsWith("[Desktop Action Other]\r\nHidden=true\r\n"));
    write(QStringLiteral("user"), "[Desktop Entry]\nHidden=true\nExec=x\nHidden=false\n");
    QVERIFY(autostart().isOn());
}

void TestAutostart::cannotBeChanged()
{
    QFile inTheWay(m_home->filePath(QStringLiteral("user")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    QVERIFY(!autostart().setOn(true));
    QVERIFY(!autostart().isOn());
}

QTEST_GUILESS_MAIN(TestAutostart)
#include "tst_autostart.moc"
