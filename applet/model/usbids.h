// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plaintext.h"

#include <QHash>
#include <QStringList>

namespace model {

/// Names of vendors, products and classes from usb.ids, the file of the distribution. Read once, when the first name
/// is asked for; a missing file gives empty names.
class UsbIds
{
public:
    /// Takes the first of `paths` that can be read. Default: where Fedora, Debian and usbutils keep it.
    explicit UsbIds(QStringList paths = defaultPaths());

    static QStringList defaultPaths();

    PlainText vendor(quint16 vendorId) const;
    PlainText product(quint16 vendorId, quint16 productId) const;
    /// The most exact text for class, subclass, protocol ("Boot Interface Subclass"); empty if none is known.
    PlainText interfaceText(int classCode, int subclassCode, int protocolCode) const;

private:
    void load() const;

    QStringList m_paths;
    mutable bool m_loaded = false;
    mutable QHash<quint32, QByteArray> m_vendors;
    mutable QHash<quint32, QByteArray> m_products;
    mutable QHash<quint32, QByteArray> m_classes; // key: class, subclass + 1, protocol + 1 (0: not given)
};

} // namespace model
