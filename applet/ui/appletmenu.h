// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "backendsection.h"

#include <QSet>

namespace ui {

/// The whole menu: a section per backend, then what concerns all. Plain actions, changed in place, since a panel may
/// draw it from what is exported over D-Bus.
class AppletMenu : public QObject
{
    Q_OBJECT
public:
    explicit AppletMenu(const MenuContext &context, QObject *parent = nullptr);
    ~AppletMenu() override;

    QMenu *menu() { return &m_menu; }

Q_SIGNALS:
    void windowRequested();
    void settingsRequested();
    void aboutRequested();
    void quitRequested();

private:
    void onAboutToShow();
    /// Fills the submenu of one more device.
    void fillNext();
    void updateConnection();
    /// Which sections there are; their order and that of their actions.
    void updateSections();
    void updateSection(const model::QubeName &backend);
    void updateFilled();
    void updateDetachAll();
    QAction *entry(const QString &plain, const QIcon &icon);

    MenuContext m_context;
    QMenu m_menu;
    QMenu m_detachAll;
    QAction *m_connection;
    QAction *m_nothing;
    QAction *m_end;
    QAction *m_window;
    QAction *m_settings;
    QAction *m_about;
    QAction *m_quit;
    QMap<model::QubeName, BackendSection *> m_sections;
    QSet<model::QubeName> m_stale;            ///< sections whose devices came or went in the reading that is being told
    QMap<QString, QAction *> m_detachActions; ///< by qube; "" is all
    QTimer m_filledTimer;
    QList<model::DeviceKey> m_shownNews; ///< new when it was opened last
    QTimer m_fillTimer;
};

} // namespace ui
