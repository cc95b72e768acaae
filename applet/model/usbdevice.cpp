// SPDX-License-Identifier: GPL-2.0-or-later
#include "usbdevice.h"

namespace model {

Category UsbDevice::category() const
{
    return categoryOf(interfaces, product.toString() + QLatin1Char(' ') + vendor.toString() + QLatin1Char(' ') +
                                      manufacturer.toString() + QLatin1Char(' ') + text.toString());
}

bool UsbDevice::isInput() const
{
    // By the interfaces alone: a name is what the device likes to be called.
    const Category kind = categoryOf(interfaces);
    return hasBootInput(interfaces) || (hasInput(interfaces) && kind != Category::Audio && kind != Category::Camera);
}

QString UsbDevice::vidPid() const
{
    if (!hasIds())
        return {};
    return QStringLiteral("%1:%2").arg(vendorId, 4, 16, QLatin1Char('0')).arg(productId, 4, 16, QLatin1Char('0'));
}

} // namespace model
