// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusServiceWatcher>
#include <QObject>
#include <QTimer>

namespace ui {

/// Finds out, without ever blocking, whether there is a tray, and which kind. Asking QSystemTrayIcon itself too early
/// is a trap: Qt decides once per process, at the first question, which kind of tray it speaks to.
class TrayWatch : public QObject
{
    Q_OBJECT
public:
    enum class Kind {
        None,
        StatusNotifier, ///< a host of org.kde.StatusNotifierWatcher: Plasma, Xfce, …
        Embedding       ///< only an X11 system tray: i3bar and the like
    };
    struct Timing
    {
        /// How long a host of status notifiers may come later than an X11 tray of the same panel, and how long a
        /// tray may take before we say that there is none.
        std::chrono::milliseconds patience{8000};
        std::chrono::milliseconds poll{2000}; ///< between looks for an X11 tray
    };

    TrayWatch(const QDBusConnection &bus, Timing timing, QObject *parent = nullptr);
    ~TrayWatch() override;

    void start();
    Kind kind() const { return m_kind; }

Q_SIGNALS:
    void found(ui::TrayWatch::Kind kind);
    /// No tray after the patience; found() may still come.
    void nothingFound();

private Q_SLOTS:
    void askHost();

private:
    void look();
    void setKind(Kind kind);
    static bool hasEmbeddingTray();

    QDBusConnection m_bus;
    QDBusServiceWatcher m_watcher;
    Timing m_timing;
    QTimer m_patience;
    QTimer m_poll;
    Kind m_kind = Kind::None;
};

} // namespace ui
