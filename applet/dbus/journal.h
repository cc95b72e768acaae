// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

#include <QElapsedTimer>
#include <QLoggingCategory>

namespace dbus {

// For `journalctl --user`, in English. The calls themselves are another category, "qubes.usb.calls", off by default.
Q_DECLARE_LOGGING_CATEGORY(logJobs)       // "qubes.usb.jobs": what was asked for, and what came of it
Q_DECLARE_LOGGING_CATEGORY(logDevices)    // "qubes.usb.devices": what changed, whoever did it
Q_DECLARE_LOGGING_CATEGORY(logConnection) // "qubes.usb.connection"

/// Writes what happens to the log of the session.
class Journal : public QObject
{
    Q_OBJECT
public:
    explicit Journal(model::DeviceModel *model, QObject *parent = nullptr);

private:
    /// A backend may say what it likes, as often as it likes.
    static constexpr int changesPerMinute = 100;

    static void onOver(const model::Job &job);
    void tellChange(const model::DeviceKey &key, const char *what, const model::QubeName &qube);

    QElapsedTimer m_minute;
    int m_changes = 0; ///< told in this one
};

} // namespace dbus
