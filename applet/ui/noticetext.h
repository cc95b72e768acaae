// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dbus/notification.h"
#include "model/devicemodel.h"

#include <QCoreApplication>

namespace ui {

/// The words of notifications, without icon and actions.
class NoticeText
{
    Q_DECLARE_TR_FUNCTIONS(ui::NoticeText)
public:
    using Texts = dbus::Notification;

    static Texts pluggedIn(const model::DeviceModel &model, const model::Device &device);
    static Texts progress(const model::DeviceModel &model, const model::Device &device, const model::Job &job);
    static Texts attached(const model::DeviceModel &model, const model::Device &device, const model::QubeName &qube);
    static Texts detached(const model::DeviceModel &model, const model::Device &device, const model::QubeName &qube);
    static Texts removedInUse(const model::DeviceModel &model, const model::Device &last);
    static Texts restarted(const model::DeviceModel &model, const model::Device &device, const model::QubeName &qube);
    static Texts failed(const QString &name, const model::Job &job);
    static Texts manyPluggedIn(const QStringList &names);
    static Texts manyRemovedInUse(const QStringList &names);
    static Texts disconnected();

    static QString choose();
    static QString details();

private:
    static QString list(const QStringList &names);
};

} // namespace ui
