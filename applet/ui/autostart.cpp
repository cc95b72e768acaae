// SPDX-License-Identifier: GPL-2.0-or-later
#include "autostart.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>

#include <algorithm>
#include <optional>

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

bool saysHidden(const QByteArray &line)
{
    return line.simplified().replace(' ', "").compare("Hidden=true", Qt::CaseInsensitive) == 0;
}

std::optional<QByteArray> contentOf(const QString &file)
{
    QFile entry(file);
    return entry.open(QIODevice::ReadOnly) ? std::optional(entry.readAll()) : std::nullopt;
}

bool isHidden(const QString &file)
{
    const auto content = contentOf(file);
    if (!content)
        return true; // nobody else can read it either
    const QList<QByteArray> lines = content->split('\n');
    return std::any_of(lines.begin(), lines.end(), saysHidden);
}

/// What this program writes where there is none of the user's.
QByteArray entryOf(bool on)
{
    return "[Desktop Entry]\nType=Application\nName=Qubes USB devices\nIcon=org.qubes.UsbApplet\n" +
           QByteArray(on ? "Exec=qubes-usb-applet --background\n" : "Hidden=true\n");
}

bool write(const QString &file, const QByteArray &content)
{
    QDir().mkpath(QFileInfo(file).path());
    QSaveFile entry(file);
    return entry.open(QIODevice::WriteOnly) && entry.write(content) == content.size() && entry.commit();
}

/// One that the user wrote, with nothing changed but whether it counts.
QByteArray changed(const QByteArray &content, bool on)
{
    QList<QByteArray> lines = content.split('\n');
    lines.removeIf(saysHidden);
    if (!on)
        lines.insert(lines.indexOf("[Desktop Entry]") + 1, "Hidden=true");
    return lines.join('\n');
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
    const auto own = contentOf(m_own);
    if (own && *own != entryOf(true) && *own != entryOf(false))
        return write(m_own, changed(*own, on));
    if (isInstalled() == on)
        return QFile::remove(m_own); // as the system wants it
    return write(m_own, entryOf(on));
}

} // namespace ui
