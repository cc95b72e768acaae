// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QDBusConnection>
#include <QStringList>

namespace bench {

/// What a panel is for icons that come over D-Bus. Has to live in another process than the icon, which asks for it and
/// waits.
class FakePanel : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.kde.StatusNotifierWatcher")
    Q_PROPERTY(bool IsStatusNotifierHostRegistered READ isHost CONSTANT)
    Q_PROPERTY(int ProtocolVersion READ protocol CONSTANT)
    Q_PROPERTY(QStringList RegisteredStatusNotifierItems READ items CONSTANT)
public:
    /// False if there is no bus, or a panel already.
    bool appear();
    bool isHost() const { return true; }
    int protocol() const { return 0; }
    QStringList items() const { return m_items; }

    // NOLINTBEGIN(readability-identifier-naming): the bus names them
public Q_SLOTS:
    void RegisterStatusNotifierItem(const QString &service);
    void RegisterStatusNotifierHost(const QString &) {}

Q_SIGNALS:
    void StatusNotifierItemRegistered(const QString &service);
    void StatusNotifierHostRegistered();
    // NOLINTEND(readability-identifier-naming)

private:
    QStringList m_items;
};

/// A menu as a panel gets it.
struct FetchedMenu
{
    qint64 ms = -1;
    qsizetype bytes = 0; ///< of names and values, about
    int entries = 0;
};
/// Does what panels do when a menu opens: tells that it is about to be shown, then gets all of it. `icon`
/// counts those that were ever shown.
FetchedMenu fetchMenu(qsizetype icon);

} // namespace bench
