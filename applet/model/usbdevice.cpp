// SPDX-License-Identifier: GPL-2.0-or-later
#include "usbdevice.h"

#include "usbids.h"

namespace model {

namespace {

PlainText firstOf(std::initializer_list<PlainText> texts)
{
    for (const PlainText &text : texts) {
        if (!text.isEmpty() && text.toString() != QLatin1String("unknown"))
            return text;
    }
    return {};
}

PlainText vendorOf(const UsbDevice &device, const UsbIds &ids)
{
    return firstOf({device.vendor, device.hasIds() ? ids.vendor(device.vendorId) : PlainText(), device.manufacturer});
}

PlainText productOf(const UsbDevice &device, const UsbIds &ids)
{
    // The wire's "name" is not looked at: servers put the serial number there.
    return firstOf({device.product, device.hasIds() ? ids.product(device.vendorId, device.productId) : PlainText()});
}

QString classText(const UsbDevice &device, const UsbIds &ids)
{
    const Category category = device.category();
    if (category != Category::Other)
        return categoryText(category);
    for (const Interface &interface : device.interfaces) {
        const auto code = interface.classCode();
        const PlainText text = code ? ids.interfaceText(*code, interface.subclassCode().value_or(-1),
                                                        interface.protocolCode().value_or(-1))
                                    : PlainText();
        if (!text.isEmpty())
            return text.toString();
    }
    return categoryText(Category::Other);
}

} // namespace

QString UsbDevice::vidPid() const
{
    if (!hasIds())
        return {};
    return QStringLiteral("%1:%2").arg(vendorId, 4, 16, QLatin1Char('0')).arg(productId, 4, 16, QLatin1Char('0'));
}

PlainText deviceName(const UsbDevice &device, const UsbIds &ids)
{
    if (!device.text.isEmpty())
        return device.text;
    const PlainText vendor = vendorOf(device, ids);
    const PlainText product = productOf(device, ids);
    if (product.isEmpty())
        return vendor;
    if (vendor.isEmpty() || product.toString().startsWith(vendor.toString(), Qt::CaseInsensitive))
        return product;
    return PlainText::fromUntrusted(vendor.toString() + QLatin1Char(' ') + product.toString());
}

bool isProductNamed(const UsbDevice &device, const UsbIds &ids)
{
    return !device.text.isEmpty() || !productOf(device, ids).isEmpty();
}

QString deviceDescription(const UsbDevice &device, const UsbIds &ids)
{
    QString what;
    if (!device.text.isEmpty()) {
        what = device.text.toString();
    } else {
        const PlainText vendor = vendorOf(device, ids);
        const PlainText product = productOf(device, ids);
        what = (vendor.isEmpty() ? QStringLiteral("unknown vendor") : vendor.toString()) + QLatin1Char(' ') +
               (product.isEmpty() ? QStringLiteral("unknown usb device") : product.toString());
    }
    return classText(device, ids) + QStringLiteral(": ") + what;
}

} // namespace model
