// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "menucontext.h"

#include <QMap>
#include <QMenu>
#include <QPointer>

namespace ui {

class RulesMenu;

/// The submenu of one device: what it is, where it can go, its rules. Its row in the menu above is action(). Filled
/// when it is first opened or told to; from then on changed in place.
class DeviceMenu : public QObject
{
    Q_OBJECT
public:
    DeviceMenu(const MenuContext &context, model::DeviceKey key, QObject *parent = nullptr);
    ~DeviceMenu() override;

    QMenu *menu() { return &m_menu; }
    QAction *action() const { return m_menu.menuAction(); }
    const model::DeviceKey &key() const { return m_key; }
    bool isFilled() const { return m_filled; }
    void fill();
    /// Brings it up to date with the model, its contents as far as they are filled.
    void update();

private:
    QAction *line(QMenu *menu, const QString &plain = {}, const QIcon &icon = {});
    void updateDetails(const model::Device &device);
    void updateDoing(const model::Device &device, QList<QAction *> &wanted);
    void updateTargets(const model::Device &device, QList<QAction *> &wanted);
    QAction *targetAction(const model::Target &target, bool move);
    QString obstacleText(const model::Target &target) const;
    void request(Request::Kind kind, const std::optional<model::QubeName> &qube = {});

    MenuContext m_context;
    model::DeviceKey m_key;
    bool m_filled = false;
    QMenu m_menu;
    QMenu m_halted;
    QMenu m_disposables;
    QMap<std::pair<int, model::QubeName>, QAction *> m_targets; ///< by Target::Kind
    QAction *m_what;
    QAction *m_identity;
    QAction *m_serial;
    QAction *m_detailsEnd;
    QAction *m_busy;
    QAction *m_stopWaiting;
    QAction *m_failure;
    QAction *m_retry;
    QAction *m_dismiss;
    QAction *m_detach;
    QAction *m_detachAndShutdown;
    QAction *m_doingEnd;
    QAction *m_warning;
    QAction *m_preferredHeading;
    QAction *m_heading;
    QAction *m_nowhere;
    QAction *m_rulesStart;
    RulesMenu *m_rules;
};

} // namespace ui
