// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/hardwarenames.h"

#include <QHash>

#include <memory>

struct udev_hwdb;

/// Names from udev's hardware database, which holds usb.ids. The file is mapped, not read, when the first name is asked
/// for; without it all names are empty.
class UdevNames : public model::HardwareNames
{
public:
    UdevNames() = default;

    model::PlainText vendor(quint16 vendorId) const override;
    model::PlainText product(quint16 vendorId, quint16 productId) const override;
    model::PlainText interfaceText(int classCode, int subclassCode, int protocolCode) const override;

private:
    /// The first of the properties `wanted` that the database has for `modalias`.
    model::PlainText find(const QByteArray &modalias, std::initializer_list<const char *> wanted) const;

    struct Close
    {
        void operator()(udev_hwdb *database) const;
    };
    mutable bool m_opened = false;
    mutable std::unique_ptr<udev_hwdb, Close> m_database;
    mutable QHash<QByteArray, model::PlainText> m_found; ///< by what was asked, names that are not there as well
};
