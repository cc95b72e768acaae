// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plaintext.h"

namespace model {

/// What a database calls vendors, products and classes of USB. This one knows none of them.
class HardwareNames
{
public:
    HardwareNames() = default;
    virtual ~HardwareNames() = default;

    virtual PlainText vendor(quint16 /*vendorId*/) const { return {}; }
    virtual PlainText product(quint16 /*vendorId*/, quint16 /*productId*/) const { return {}; }
    /// The most exact text for class, subclass, protocol ("Boot Interface Subclass"); -1 is any.
    virtual PlainText interfaceText(int /*classCode*/, int /*subclassCode*/, int /*protocolCode*/) const { return {}; }

protected:
    Q_DISABLE_COPY_MOVE(HardwareNames)
};

} // namespace model
