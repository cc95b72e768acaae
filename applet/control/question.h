// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "request.h"

namespace control {

/// What has to be asked before a device is handed over, whoever wants it.
enum class Question {
    InputDevice, ///< whoever gets it can read and forge what is typed
    /// The server does not say what it is, so it may be an input device: R4.1 and R4.2 never say, later ones do not
    /// where the backend's template is old.
    UnknownInterfaces,
};

/// Stable, for D-Bus: "input-device", "unknown-interfaces".
QString questionCode(Question question);
std::optional<Question> questionOf(QStringView code);

/// What is to be asked about a request, by what the device is.
QList<Question> questionsAbout(const model::UsbDevice &device, const Request &request);

} // namespace control
