// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory/settings.h"

#include <QCryptographicHash>

namespace memory {

namespace {

const QString leftClickKey = QStringLiteral("tray/leftClickOpensMenu");
const QString confirmKey = QStringLiteral("devices/confirmInput");
/// "HASH QUBE" for each device, the latest first.
const QString lastQubesKey = QStringLiteral("devices/lastQubes");
const QString backendsKey = QStringLiteral("devices/backends");
const QString geometryKey = QStringLiteral("window/geometry");
constexpr qsizetype maxBackends = 64;

} // namespace

Settings::Settings(const QString &file, QObject *parent)
    : QObject(parent)
    , m_store(file.isEmpty() ? std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                                           QStringLiteral("qubes-usb-applet"), QStringLiteral("applet"))
                             : std::make_unique<QSettings>(file, QSettings::IniFormat))
{
    for (const QString &line : m_store->value(lastQubesKey).toStringList()) {
        if (const auto qube = model::QubeName::parse(line.section(QLatin1Char(' '), 1)))
            m_lastQubes.append({line.section(QLatin1Char(' '), 0, 0), *qube});
    }
}

QString Settings::keyOf(Notice notice)
{
    switch (notice) {
    case Notice::PluggedIn:
        return QStringLiteral("notifications/pluggedIn");
    case Notice::Progress:
        return QStringLiteral("notifications/progress");
    case Notice::Attached:
        return QStringLiteral("notifications/attached");
    case Notice::Detached:
        return QStringLiteral("notifications/detached");
    case Notice::RemovedInUse:
        return QStringLiteral("notifications/removedInUse");
    case Notice::Failed:
        return QStringLiteral("notifications/failed");
    case Notice::Connection:
        break;
    }
    return QStringLiteral("notifications/connection");
}

bool Settings::isNoticeOn(Notice notice) const
{
    return m_store->value(keyOf(notice), true).toBool();
}

void Settings::setNoticeOn(Notice notice, bool on)
{
    m_store->setValue(keyOf(notice), on);
    Q_EMIT changed();
}

bool Settings::leftClickOpensMenu() const
{
    return m_store->value(leftClickKey, false).toBool();
}

void Settings::setLeftClickOpensMenu(bool on)
{
    m_store->setValue(leftClickKey, on);
    Q_EMIT changed();
}

bool Settings::confirmsInput() const
{
    return m_store->value(confirmKey, true).toBool();
}

void Settings::setConfirmsInput(bool on)
{
    m_store->setValue(confirmKey, on);
    Q_EMIT changed();
}

QString Settings::keyOf(const model::UsbDevice &device)
{
    // Hashed, since a serial may be long, and may hold what a key must not.
    const bool identified = device.id && device.id->isKnown();
    const QByteArray what = identified ? "id " + device.id->bytes() : "port " + device.key.toString().toUtf8();
    const QByteArray hash = QCryptographicHash::hash(what, QCryptographicHash::Sha256).toHex().first(32);
    return QString::fromLatin1(hash);
}

std::optional<model::QubeName> Settings::lastQube(const model::UsbDevice &device) const
{
    const QString key = keyOf(device);
    for (const auto &[ofDevice, qube] : m_lastQubes) {
        if (ofDevice == key)
            return qube;
    }
    return std::nullopt;
}

void Settings::setLastQube(const model::UsbDevice &device, const model::QubeName &qube)
{
    const QString key = keyOf(device);
    m_lastQubes.removeIf([&](const auto &entry) { return entry.first == key; });
    m_lastQubes.prepend({key, qube});
    if (m_lastQubes.size() > maxLastQubes)
        m_lastQubes.removeLast();
    QStringList lines;
    for (const auto &[ofDevice, name] : std::as_const(m_lastQubes))
        lines.append(ofDevice + QLatin1Char(' ') + name.toString());
    m_store->setValue(lastQubesKey, lines);
    Q_EMIT changed();
}

QList<model::QubeName> Settings::recentQubes() const
{
    QList<model::QubeName> recent;
    for (const auto &[key, qube] : m_lastQubes) {
        if (!recent.contains(qube))
            recent.append(qube);
    }
    return recent;
}

QList<model::QubeName> Settings::backends() const
{
    QList<model::QubeName> names;
    for (const QString &text : m_store->value(backendsKey).toStringList()) {
        if (const auto name = model::QubeName::parse(text))
            names.append(*name);
    }
    return names;
}

void Settings::setBackends(const QList<model::QubeName> &backends)
{
    QStringList texts;
    for (const model::QubeName &name : backends.first(std::min(backends.size(), maxBackends)))
        texts.append(name.toString());
    m_store->setValue(backendsKey, texts);
}

QByteArray Settings::windowGeometry() const
{
    return m_store->value(geometryKey).toByteArray();
}

void Settings::setWindowGeometry(const QByteArray &geometry)
{
    m_store->setValue(geometryKey, geometry);
}

} // namespace memory
