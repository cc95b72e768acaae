// SPDX-License-Identifier: GPL-2.0-or-later
#include "commandline.h"

#include <QCommandLineParser>
#include <QFileInfo>

namespace ui {

CommandLine CommandLine::parse(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.addOptions({{{QStringLiteral("h"), QStringLiteral("help")}, {}},
                       {{QStringLiteral("v"), QStringLiteral("version")}, {}},
                       {QStringLiteral("transport"), {}, QStringLiteral("NAME")},
                       {QStringLiteral("socket"), {}, QStringLiteral("PATH")},
                       {QStringLiteral("qrexec-client"), {}, QStringLiteral("PATH")},
                       {QStringLiteral("window"), {}},
                       {QStringLiteral("background"), {}}});
    CommandLine line;
    const auto nonsense = [&line](const QString &what) {
        line.asked = Asked::Nonsense;
        line.nonsense = what;
        return line;
    };
    if (!parser.parse(arguments))
        return nonsense(parser.errorText());
    if (!parser.positionalArguments().isEmpty())
        return nonsense(parser.positionalArguments().constFirst());
    if (parser.isSet(QStringLiteral("socket"))) {
        line.socketPath = parser.value(QStringLiteral("socket"));
        line.transport = Transport::Qubesd;
    }
    if (parser.isSet(QStringLiteral("qrexec-client")))
        line.qrexecClient = parser.value(QStringLiteral("qrexec-client"));
    const QString transport = parser.value(QStringLiteral("transport"));
    if (transport == QLatin1String("qubesd"))
        line.transport = Transport::Qubesd;
    else if (transport == QLatin1String("qrexec"))
        line.transport = Transport::Qrexec;
    else if (parser.isSet(QStringLiteral("transport")))
        return nonsense(QStringLiteral("--transport ") + transport);
    line.window = parser.isSet(QStringLiteral("window"));
    line.background = parser.isSet(QStringLiteral("background"));
    if (parser.isSet(QStringLiteral("help")))
        line.asked = Asked::Help;
    else if (parser.isSet(QStringLiteral("version")))
        line.asked = Asked::Version;
    return line;
}

QString CommandLine::text() const
{
    switch (asked) {
    case Asked::Run:
        return {};
    case Asked::Version:
        return QStringLiteral("qubes-usb-applet " APPLET_VERSION "\n");
    case Asked::Nonsense:
        return tr("Not understood: %1. Try --help.").arg(nonsense) + QLatin1Char('\n');
    case Asked::Help:
        break;
    }
    const QStringList lines{
        tr("Usage: qubes-usb-applet [OPTION…]"),
        tr("Shows the USB devices of all qubes in the tray, and attaches and detaches them."),
        QString(),
        QStringLiteral("  --window            ") + tr("show the window"),
        QStringLiteral("  --background        ") + tr("if it runs already, do not show its window"),
        QStringLiteral("  --transport NAME    ") +
            tr("how to reach Qubes: qubesd (in dom0) or qrexec (in a GUI domain)"),
        QStringLiteral("  --socket PATH       ") + tr("qubesd's socket"),
        QStringLiteral("  --qrexec-client PATH"),
        QStringLiteral("                      ") + tr("the program that makes calls over qrexec"),
        QStringLiteral("  -v, --version       ") + tr("show the version"),
        QStringLiteral("  -h, --help          ") + tr("show this text"),
        QString(),
    };
    return lines.join(QLatin1Char('\n'));
}

CommandLine::Transport CommandLine::detected() const
{
    if (transport != Transport::Detect)
        return transport;
    // In dom0 there is the socket; where there is not, and there is qrexec's client, this is a GUI domain. A qubesd
    // that is not up yet is waited for.
    if (!QFileInfo::exists(socketPath) && QFileInfo(qrexecClient).isExecutable())
        return Transport::Qrexec;
    return Transport::Qubesd;
}

} // namespace ui
