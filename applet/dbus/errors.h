// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/question.h"

#include <QString>

namespace dbus {

/// The error of a call that has not asked what has to be asked.
inline const QString needsConfirmation = QStringLiteral("org.qubes.UsbApplet1.Error.NeedsConfirmation");
/// What to know before a device is handed over, in English.
QString questionText(control::Question question);

/// "org.qubes.UsbApplet1.Error.REASON".
QString errorName(model::Reason reason);

/// What it does or did, in English: "attach sys-usb:2-1 to work".
QString jobText(const model::Job &job);
/// One English sentence or two about a job that did not end well: which device, which qube, why, and what became of
/// undoing it. The UI words its own, translated.
QString errorMessage(const model::Job &job);
QString reasonText(const model::Failure &failure);

} // namespace dbus
