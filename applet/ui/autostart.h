// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace ui {

/// Whether the applet starts with the session: by an entry in the folders of the Desktop Application Autostart
/// Specification. The user's own entry goes before that of the system; "Hidden" in it switches autostart off.
class Autostart
{
public:
    /// The folders that are usual for this user.
    Autostart();
    Autostart(const QString &userFolder, const QStringList &systemFolders);

    bool isOn() const;
    /// False if it cannot be changed.
    bool setOn(bool on) const;

private:
    bool isInstalled() const;

    QString m_own;
    QStringList m_installed;
};

} // namespace ui
