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

const QByteArray mainGroup = "[Desktop Entry]";

/// The lines of an entry of its main group, without the group's name, and where that group ends: where the next begins.
struct MainGroup
{
    qsizetype begin = 0;
    qsizetype end = 0;
};

std::optional<MainGroup> mainGroupOf(const QList<QByteArray> &lines)
{
    const auto isMain = [](const QByteArray &line) { return line.trimmed() == mainGroup; };
    const auto isGroup = [](const QByteArray &line) { return line.trimmed().startsWith('['); };
    const auto head = std::find_if(lines.begin(), lines.end(), isMain);
    if (head == lines.end())
        return std::nullopt;
    const auto next = std::find_if(head + 1, lines.end(), isGroup);
    return MainGroup{head - lines.begin() + 1, next - lines.begin()};
}

/// What a line makes of the key Hidden; nothing if it is another line.
std::optional<bool> hiddenBy(const QByteArray &line)
{
    const qsizetype equals = line.indexOf('=');
    if (equals < 0 || line.first(equals).trimmed() != "Hidden")
        return std::nullopt;
    return line.sliced(equals + 1).trimmed().compare("true", Qt::CaseInsensitive) == 0;
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
    const auto group = mainGroupOf(lines);
    bool hidden = false;
    for (qsizetype i = group ? group->begin : lines.size(); group && i < group->end; ++i)
        hidden = hiddenBy(lines.at(i)).value_or(hidden); // the last one counts
    return hidden;
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
    auto group = mainGroupOf(lines);
    if (!group) {
        lines.prepend(mainGroup);
        group = MainGroup{1, 1};
    }
    for (qsizetype i = group->end - 1; i >= group->begin; --i) {
        if (hiddenBy(lines.at(i)))
            lines.removeAt(i);
    }
    if (!on)
        lines.insert(group->begin, "Hidden=true");
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
