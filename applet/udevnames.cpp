// SPDX-License-Identifier: GPL-2.0-or-later
#include "udevnames.h"

#include <libudev.h>

using model::PlainText;

namespace {

constexpr qsizetype maxRemembered = 4096; ///< a backend may make up ids without end

struct Unref
{
    void operator()(udev *context) const { udev_unref(context); }
};

QByteArray hex(int number, int digits)
{
    return QByteArray::number(number, 16).toUpper().rightJustified(digits, '0');
}

} // namespace

void UdevNames::Close::operator()(udev_hwdb *database) const
{
    udev_hwdb_unref(database);
}

PlainText UdevNames::vendor(quint16 vendorId) const
{
    return find("usb:v" + hex(vendorId, 4) + "p", {"ID_VENDOR_FROM_DATABASE"});
}

PlainText UdevNames::product(quint16 vendorId, quint16 productId) const
{
    return find("usb:v" + hex(vendorId, 4) + 'p' + hex(productId, 4), {"ID_MODEL_FROM_DATABASE"});
}

PlainText UdevNames::interfaceText(int classCode, int subclassCode, int protocolCode) const
{
    QByteArray modalias = "usb:v0000p0000d0000dc" + hex(classCode, 2);
    if (subclassCode >= 0)
        modalias += "dsc" + hex(subclassCode, 2);
    if (subclassCode >= 0 && protocolCode >= 0)
        modalias += "dp" + hex(protocolCode, 2);
    return find(modalias,
                {"ID_USB_PROTOCOL_FROM_DATABASE", "ID_USB_SUBCLASS_FROM_DATABASE", "ID_USB_CLASS_FROM_DATABASE"});
}

PlainText UdevNames::find(const QByteArray &modalias, std::initializer_list<const char *> wanted) const
{
    if (!m_opened) {
        m_opened = true;
        const std::unique_ptr<udev, Unref> context(udev_new());
        m_database.reset(context ? udev_hwdb_new(context.get()) : nullptr);
    }
    if (!m_database)
        return {};
    const QByteArray key = modalias + ' ' + *wanted.begin();
    if (const auto known = m_found.constFind(key); known != m_found.cend())
        return *known;
    PlainText name;
    udev_list_entry *const all = udev_hwdb_get_properties_list_entry(m_database.get(), modalias.constData(), 0);
    for (const char *const property : wanted) {
        udev_list_entry *const entry = udev_list_entry_get_by_name(all, property);
        if (entry)
            name = PlainText::fromUntrusted(QByteArray(udev_list_entry_get_value(entry)));
        if (!name.isEmpty())
            break;
    }
    if (m_found.size() >= maxRemembered)
        m_found.clear();
    m_found.insert(key, name);
    return name;
}
