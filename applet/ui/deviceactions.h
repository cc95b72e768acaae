// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "menucontext.h"

#include <QMap>
#include <QMenu>

namespace ui {

/// What can be done with one device: the entries of its submenu.
class DeviceActions : public QObject
{
    Q_OBJECT
public:
    DeviceActions(const MenuContext &context, model::DeviceChoice choice, QObject *parent);
    ~DeviceActions() override;

    /// Brings the entries up to date and appends those that are to be seen now.
    void update(const model::Device &device, QList<QAction *> &wanted);

private:
    QAction *entry(const QString &plain, const QIcon &icon);
    QAction *line(const QString &plain = {}, const QIcon &icon = {});
    void updateDoing(const model::Device &device, QList<QAction *> &wanted);
    void updateTargets(const model::Device &device, QList<QAction *> &wanted);
    static QString textOf(const model::Target &target);
    QAction *targetAction(const model::Target &target);
    void request(control::Request::Kind kind);

    MenuContext m_context;
    model::DeviceChoice m_choice;                               ///< the device that the entries are about
    QMap<std::pair<int, model::QubeName>, QAction *> m_targets; ///< by Target::Kind
    QAction *m_busy;
    QAction *m_stopWaiting;
    QAction *m_failure;
    QAction *m_retry;
    QAction *m_dismiss;
    QAction *m_unmount;
    QAction *m_detach;
    QAction *m_detachAndShutdown;
    QAction *m_doingEnd;
    QAction *m_warning;
    QAction *m_heading;
    QAction *m_nowhere;
    QAction *m_all;
    QAction *m_rulesStart;
    QAction *m_rules;
    QAction *m_details;
};

} // namespace ui
