// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/qubessystem.h"

#include <QByteArray>

namespace qubes {

// Parsers of the lists of devices. A row that is none is counted or left out; it never costs another row.

/// R4.3+, admin.vm.device.usb.Available of `backend`.
model::DeviceList parseDevices(const model::QubeName &backend, const QByteArray &untrusted);
/// R4.1/4.2, the same call: "IDENT [key=value …] description=TEXT".
model::DeviceList parseLegacyDevices(const model::QubeName &backend, const QByteArray &untrusted);

/// R4.3+, admin.vm.device.usb.Attached of a frontend.
QList<model::Attachment> parseAttached(const QByteArray &untrusted);
/// R4.3+, admin.vm.device.usb.Assigned of `frontend`.
QList<model::Assignment> parseAssigned(const model::QubeName &frontend, const QByteArray &untrusted);
/// R4.1/4.2, admin.vm.device.usb.List of `frontend`: "BACKEND+IDENT [option=value …] persistent=yes|no".
model::FrontendLists parseLegacyList(const model::QubeName &frontend, const QByteArray &untrusted);

} // namespace qubes
