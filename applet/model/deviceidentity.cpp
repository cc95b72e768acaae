// SPDX-License-Identifier: GPL-2.0-or-later
#include "deviceidentity.h"

namespace model {

DeviceIdentity::Worth DeviceIdentity::worth() const
{
    if (!serial.isEmpty())
        return Worth::Serial;
    const bool isNamed = vendorId != 0 || productId != 0 || !product.isEmpty() || !manufacturer.isEmpty();
    return isNamed || !text.isEmpty() ? Worth::Weak : Worth::Unknown;
}

} // namespace model
