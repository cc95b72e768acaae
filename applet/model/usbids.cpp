// SPDX-License-Identifier: GPL-2.0-or-later
#include "usbids.h"

#include <QFile>

namespace model {

namespace {

constexpr qint64 maxFileSize = qint64{16} * 1024 * 1024;

quint32 productKey(quint32 vendor, quint32 product)
{
    return vendor << 16 | product;
}

quint32 classKey(int classCode, int subclass, int protocol)
{
    return static_cast<quint32>(classCode) << 20 | static_cast<quint32>(subclass + 1) << 10 |
           static_cast<quint32>(protocol + 1);
}

/// "<hex digits>  <name>" after `at`; false if the line is not one.
bool splitEntry(QByteArrayView line, qsizetype at, qsizetype digits, quint32 &code, QByteArray &name)
{
    if (line.size() < at + digits + 2)
        return false;
    bool ok = false;
    code = line.sliced(at, digits).toByteArray().toUInt(&ok, 16);
    name = line.sliced(at + digits).toByteArray().trimmed();
    return ok && line.at(at + digits) == ' ';
}

} // namespace

UsbIds::UsbIds(QStringList paths)
    : m_paths(std::move(paths))
{
}

QStringList UsbIds::defaultPaths()
{
    return {QStringLiteral("/usr/share/hwdata/usb.ids"), QStringLiteral("/usr/share/misc/usb.ids"),
            QStringLiteral("/var/lib/usbutils/usb.ids")};
}

PlainText UsbIds::vendor(quint16 vendorId) const
{
    load();
    return PlainText::fromUntrusted(m_vendors.value(vendorId));
}

PlainText UsbIds::product(quint16 vendorId, quint16 productId) const
{
    load();
    return PlainText::fromUntrusted(m_products.value(productKey(vendorId, productId)));
}

PlainText UsbIds::interfaceText(int classCode, int subclassCode, int protocolCode) const
{
    load();
    for (const quint32 key : {classKey(classCode, subclassCode, protocolCode), classKey(classCode, subclassCode, -1),
                              classKey(classCode, -1, -1)}) {
        const auto found = m_classes.constFind(key);
        if (found != m_classes.cend())
            return PlainText::fromUntrusted(*found);
    }
    return {};
}

void UsbIds::load() const
{
    if (m_loaded)
        return;
    m_loaded = true;
    QFile file;
    for (const QString &path : m_paths) {
        file.setFileName(path);
        if (file.open(QIODevice::ReadOnly))
            break;
    }
    if (!file.isOpen() || file.size() > maxFileSize)
        return;

    // The file has sections; each begins with an entry at the line's start, its children are indented by tabs.
    enum class Section { Vendors, Classes, Other };
    Section section = Section::Other;
    quint32 top = 0;
    quint32 second = 0;
    while (!file.atEnd()) {
        QByteArray line = file.readLine();
        while (line.endsWith('\n') || line.endsWith('\r'))
            line.chop(1);
        if (line.isEmpty() || line.front() == '#')
            continue;
        quint32 code = 0;
        QByteArray name;
        if (line.startsWith("\t\t")) {
            if (section == Section::Classes && splitEntry(line, 2, 2, code, name))
                m_classes.insert(classKey(static_cast<int>(top), static_cast<int>(second), static_cast<int>(code)),
                                 name);
        } else if (line.front() == '\t') {
            if (section == Section::Vendors && splitEntry(line, 1, 4, code, name)) {
                m_products.insert(productKey(top, code), name);
            } else if (section == Section::Classes && splitEntry(line, 1, 2, code, name)) {
                second = code;
                m_classes.insert(classKey(static_cast<int>(top), static_cast<int>(code), -1), name);
            }
        } else if (line.startsWith("C ") && splitEntry(line, 2, 2, code, name)) {
            section = Section::Classes;
            top = code;
            m_classes.insert(classKey(static_cast<int>(code), -1, -1), name);
        } else if (splitEntry(line, 0, 4, code, name)) {
            section = Section::Vendors;
            top = code;
            m_vendors.insert(code, name);
        } else {
            section = Section::Other;
        }
    }
}

} // namespace model
