// SPDX-License-Identifier: GPL-2.0-or-later
#include "autostart.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>

#include <algorithm>

namespace ui {

namespace {

const QString entryName = QStringLiteral("org.qubes.UsbApplet.desktop");

QString folderIn(const QString &config)
{
    return config + QStringLiteral("/autostart");
}

QStringList usualSystemFolders()
{
    QStringList folders;
    // The first is the user's own.
    for (const QString &config : QStandardPaths::standardLocations(QStandardPaths::GenericConfigLocation).mid(1))
        folders.append(folderIn(config));
    return folders;
}

bool isHidden(const QString &file)
{
    QFile entry(file);
    if (!entry.open(QIODevice::ReadOnly))
        return true; // nobody else can read it either
    const QList<QByteArray> lines = entry.readAll().split('\n');
    return std::any_of(lines.begin(), lines.end(), [](const QByteArray &line) {
        return line.simplified().replace(' ', "").compare("Hidden=true", Qt::CaseInsensitive) == 0;
    });
}

bool writeEntry(const QString &file, const QByteArray &line)
{
    QDir().mkpath(QFileInfo(file).path());
    QSaveFile entry(file);
    return entry.open(QIODevice::WriteOnly) &&
           entry.write("[Desktop Entry]\nType=Application\nName=Qubes USB devices\nIcon=org.qubes.UsbApplet\n" + line +
                       '\n') > 0 &&
           entry.commit();
}

} // namespace

Autostart::Autostart()
    : Autostart(folderIn(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)), usualSystemFolders())
{
}

Autostart::Autostart(const QString &userFolder, const QStringList &systemFolders)
    : m_own(userFolder + QLatin1Char('/') + entryName)
{
    for (const QString &folder : systemFolders)
        m_installed.append(folder + QLatin1Char('/') + entryName);
}

bool Autostart::isInstalled() const
{
    const auto first =
        std::find_if(m_installed.begin(), m_installed.end(), [](const QString &file) { return QFile::exists(file); });
    return first != m_installed.end() && !isHidden(*first);
}

bool Autostart::isOn() const
{
    return QFile::exists(m_own) ? !isHidden(m_own) : isInstalled();
}

bool Autostart::setOn(bool on) const
{
    if (isOn() == on)
        return true;
    if (isInstalled() == on)
        return QFile::remove(m_own); // as the system wants it
    return writeEntry(m_own, on ? "Exec=qubes-usb-applet --background" : "Hidden=true");
}

} // namespace ui
