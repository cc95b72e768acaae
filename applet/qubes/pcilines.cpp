// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcilines.h"

#include <QRegularExpression>

namespace qubes {

namespace {

/// "p" + class, subclass, programming interface, in hex: 0c03 is a USB controller (R4.3+, qubes/ext/pci.py).
bool hasUsbController(const QString &interfaces)
{
    for (qsizetype at = 0; at + 7 <= interfaces.size(); at += 7) {
        if (QStringView(interfaces).sliced(at, 5) == QLatin1String("p0c03"))
            return true;
    }
    return false;
}

QStringList textLinesOf(const QByteArray &untrusted)
{
    return QString::fromLatin1(untrusted).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

} // namespace

PciAssignments parsePciAssignments(const QByteArray &untrusted, bool legacy)
{
    // "dom0+00_14.0:0x8086:0xa0ed::p0c0330 device_id=…", "dom0+*:0x8086:…" for any port, "dom0+00_14.0:* …" for any
    // device; before R4.3 "dom0+00_14.0 persistent=yes".
    static const QRegularExpression modern(QStringLiteral("^dom0\\+([0-9a-f_.-]+|\\*):(?:\\S*:)?(\\S*) "));
    static const QRegularExpression old(QStringLiteral("^dom0\\+([0-9a-f_.-]+)(?: |$)"));
    PciAssignments found;
    for (const QString &line : textLinesOf(untrusted)) {
        const QRegularExpressionMatch match = (legacy ? old : modern).match(line);
        if (!match.hasMatch())
            continue;
        if (!legacy && hasUsbController(match.captured(2)))
            found.usbController = true;
        else
            found.otherPorts.insert(match.captured(1).toLatin1());
    }
    return found;
}

QSet<QByteArray> parseUsbControllers(const QByteArray &untrusted)
{
    // "00_14.0:0x8086:0xa0ed::p0c0330 … interfaces='p0c0330' _sbdf='0000:00:14.0'"; before R4.3
    // "00_14.0 … description=USB controller: Intel Corporation …".
    static const QRegularExpression modern(QStringLiteral("^([0-9a-f_.-]+):.* interfaces='([0-9a-f*p?]*)'"));
    static const QRegularExpression old(
        QStringLiteral("^([0-9a-f_.-]+)(?: (?!description=)\\S*)* description=USB controller: "));
    QSet<QByteArray> ports;
    for (const QString &line : textLinesOf(untrusted)) {
        if (const auto match = modern.match(line); match.hasMatch() && hasUsbController(match.captured(2)))
            ports.insert(match.captured(1).toLatin1());
        else if (const auto matchOld = old.match(line); matchOld.hasMatch())
            ports.insert(matchOld.captured(1).toLatin1());
    }
    return ports;
}

} // namespace qubes
