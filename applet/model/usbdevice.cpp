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
    const Category kind = category();
    const bool isFor = kind == Category::Keyboard || kind == Category::Mouse || kind == Category::Input;
    return hasBootInput(interfaces) || (isFor && hasInput(interfaces));
}

QString UsbDevice::vidPid() const
{
    if (!hasIds())
        return {};
    return QStringLiteral("%1:%2").arg(vendorId, 4, 16, QLatin1Char('0')).arg(productId, 4, 16, QLatin1Char('0'));
}

} // namespace model
