// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/qubessystem.h"

#include <QByteArray>

namespace qubes {

/// admin.vm.List: lines "NAME class=C state=S[ uuid=U]". A uuid tells the generation. Lines that are none are left out.
model::QubeList parseQubeList(const QByteArray &untrusted);

/// admin.vm.property.GetAll: lines "NAME default=D type=T VALUE", backslash and newline escaped.
model::QubeProperties parseProperties(const QByteArray &untrusted);

/// admin.vm.property.Get: "default=D type=T VALUE"; the value alone, or nothing if that is no property.
std::optional<QByteArray> parseProperty(const QByteArray &untrusted);

/// admin.label.Get: "0xRRGGBB".
std::optional<quint32> parseLabelColor(const QByteArray &untrusted);

/// Features are true unless empty.
bool parseFeature(const QByteArray &untrusted);

} // namespace qubes
