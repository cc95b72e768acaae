// SPDX-License-Identifier: GPL-2.0-or-later
#include "application.h"
#include "quitsignals.h"
#include "ui/icons.h"
#include "ui/languages.h"

#include <QApplication>

#include <cstdio>

namespace {

int printAndEnd(int argc, char **argv, const ui::CommandLine &line)
{
    const QCoreApplication application(argc, argv); // needs no display
    const ui::Languages languages;
    const bool wrong = line.asked == ui::CommandLine::Asked::Nonsense;
    std::fputs(line.text().toLocal8Bit().constData(), wrong ? stderr : stdout);
    return wrong ? 2 : 0;
}

} // namespace

int main(int argc, char **argv)
{
    const ui::CommandLine line = ui::CommandLine::parse([&] {
        QStringList arguments;
        for (int i = 0; i < argc; ++i)
            arguments.append(QString::fromLocal8Bit(argv[i]));
        return arguments;
    }());
    if (line.asked != ui::CommandLine::Asked::Run)
        return printAndEnd(argc, argv, line);

    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("qubes-usb-applet"));
    QApplication::setApplicationVersion(QStringLiteral(APPLET_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("org.qubes.UsbApplet"));
    QApplication::setQuitOnLastWindowClosed(false);
    const ui::Languages languages;
    QApplication::setWindowIcon(ui::Icons::application());

    const QuitSignals quitSignals;
    QObject::connect(&quitSignals, &QuitSignals::received, &application, &QApplication::quit);
    Application applet(line);
    applet.start();
    return QApplication::exec();
}
