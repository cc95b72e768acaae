// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

#include <QObject>
#include <QSettings>

namespace memory {

/// What is remembered from session to session, and what the user decided. Kept in the file that it is given.
class Settings : public QObject
{
    Q_OBJECT
public:
    enum class Notice { PluggedIn, Progress, Attached, Detached, RemovedInUse, Failed, Connection };
    static constexpr Notice allNotices[] = {Notice::PluggedIn,    Notice::Progress, Notice::Attached,  Notice::Detached,
                                            Notice::RemovedInUse, Notice::Failed,   Notice::Connection};

    /// Empty: the user's usual place.
    explicit Settings(const QString &file = {}, QObject *parent = nullptr);

    bool isNoticeOn(Notice notice) const;
    void setNoticeOn(Notice notice, bool on);

    /// Left click opens the menu and right click does too; else left click opens the window.
    bool leftClickOpensMenu() const;
    void setLeftClickOpensMenu(bool on);
    /// Ask before a keyboard, mouse or the like is handed over.
    bool confirmsInput() const;
    void setConfirmsInput(bool on);

    /// Which qube a device was last attached to by the user; told apart by what it is, else by its place.
    std::optional<model::QubeName> lastQube(const model::UsbDevice &device) const;
    void setLastQube(const model::UsbDevice &device, const model::QubeName &qube);
    /// Qubes that got a device from the user, each once, the latest first.
    QList<model::QubeName> recentQubes() const;
    static constexpr qsizetype maxLastQubes = 200; ///< devices that are remembered: those attached last

    QList<model::QubeName> backends() const;
    void setBackends(const QList<model::QubeName> &backends);

    QByteArray windowGeometry() const;
    void setWindowGeometry(const QByteArray &geometry);

Q_SIGNALS:
    void changed();

private:
    static QString keyOf(Notice notice);
    static QString keyOf(const model::UsbDevice &device);

    std::unique_ptr<QSettings> m_store;
    QList<std::pair<QString, model::QubeName>> m_lastQubes; ///< by keyOf(device), the latest first
};

} // namespace memory
