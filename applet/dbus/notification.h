// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QVariantMap>

namespace dbus {

/// What is to be shown. All texts are plain; what a server reads as markup is escaped on the way.
struct Notification
{
    struct Action
    {
        QString key; ///< "default" is a click on the notification itself
        QString label;
    };
    enum class Urgency { Low, Normal, Critical };

    QString summary;
    QString body = {};
    QString icon = {};
    QList<Action> actions = {}; ///< left out if the server has none
    Urgency urgency = Urgency::Normal;
    bool transient = false; ///< not worth keeping in a history
    int timeout = -1;       ///< milliseconds; -1: the server's own; 0: never
    QVariantMap hints = {}; ///< further ones
};

} // namespace dbus
