// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusContext>
#include <QStringList>

namespace bench {

/// What a panel does for icons that come over D-Bus, and how it fetches their menus. Only where Qt has such a tray:
/// with the xcb platform, on a session bus of its own.
class FakePanel : public QObject, protected QDBusContext
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.kde.StatusNotifierWatcher")
    Q_PROPERTY(bool IsStatusNotifierHostRegistered READ isHost CONSTANT)
    Q_PROPERTY(int ProtocolVersion READ protocol CONSTANT)
    Q_PROPERTY(QStringList RegisteredStatusNotifierItems READ items CONSTANT)
public:
    FakePanel();
    ~FakePanel() override;

    bool appear();
    bool hasItem() const { return !m_items.isEmpty(); }
    bool isHost() const { return true; }
    int protocol() const { return 0; }
    QStringList items() const { return m_items; }

    struct Menu
    {
        qint64 ms = -1;
        qsizetype bytes = 0; ///< of the layout as it comes over the bus, about
        int entries = 0;
    };
    /// Opens the menu as panels do: tell that it is about to be shown, then fetch all of it.
    Menu openMenu();

    // NOLINTBEGIN(readability-identifier-naming): the bus names them
public Q_SLOTS:
    void RegisterStatusNotifierItem(const QString &service);
    void RegisterStatusNotifierHost(const QString &) {}

Q_SIGNALS:
    void StatusNotifierItemRegistered(const QString &service);
    void StatusNotifierHostRegistered();
    // NOLINTEND(readability-identifier-naming)

private:
    QDBusConnection m_bus;
    QStringList m_items;
};

} // namespace bench
