// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "qubessystem.h"

#include <QHash>
#include <QMap>
#include <QSet>

namespace model {

/// Everything that was read last, and what follows from it. Plain data: no events, no clock, no I/O.
class Inventory
{
public:
    /// Of one backend; more than 16 full buses have.
    static constexpr qsizetype maxDevices = 4096;

    struct Backend
    {
        QMap<PortId, UsbDevice> devices = {};
        int unreadable = 0;
        int unshown = 0;                     ///< beyond maxDevices
        bool listed = false;                 ///< read at least once since it started and since we are connected
        std::optional<Failure> problem = {}; ///< why the last attempt to read it failed

        bool operator==(const Backend &) const = default;
    };
    struct QubeChanges
    {
        QList<QubeName> added = {};
        QList<QubeName> changed = {}; ///< state or class
        QList<QubeName> removed = {};
        QList<QubeName> started = {}; ///< of added and changed: those that can hold devices now and could not before
        QList<QubeName> ended = {};   ///< of changed and removed: those that can't any more
    };

    QubeChanges setQubes(const QubeList &list);
    void setProperties(const QubeName &qube, const Result<QubeProperties> &properties);
    void setInternal(const QubeName &qube, bool internal);
    void setUsbController(const QubeName &qube, bool has);
    enum class Effect { None, Status, Rows };
    /// What changed: nothing, what is known of the backend, or its devices as well.
    Effect setDevices(const QubeName &backend, const Result<DeviceList> &devices);
    /// False if that changed nothing.
    bool setAttached(const QubeName &frontend, const QList<Attachment> &attached);
    bool setAssigned(const QubeName &frontend, const QList<Assignment> &assigned);
    /// After a lost connection: what is known stays, but nothing that appears now counts as freshly plugged in,
    /// and that reads failed is no news about their backends.
    void forgetListed();

    Generation generation() const { return m_generation; }
    const QHash<QubeName, Qube> &qubes() const { return m_qubes; }
    const Qube *qube(const QubeName &name) const;
    const QHash<QubeName, Backend> &backends() const { return m_backends; }
    const Backend *backend(const QubeName &name) const;
    const UsbDevice *device(const DeviceKey &key) const;
    /// Where the device is now. A qube that ended, or that we saw and is gone, holds nothing, whatever others say.
    std::optional<QubeName> attachedTo(const UsbDevice &device) const;
    QList<Assignment> assignments(const UsbDevice &device) const;
    QList<Assignment> assignmentsOf(const QubeName &frontend) const { return m_assigned.value(frontend); }
    /// Whose lists say that they have, or are to get, a device of `backend`.
    QList<QubeName> frontendsListing(const QubeName &backend) const;
    /// Backends that say that one of their devices is at `frontend`.
    QList<QubeName> backendsWithDevicesAt(const QubeName &frontend) const;

private:
    bool canHold(const QubeName &qube) const;

    Generation m_generation = Generation::Unknown;
    QHash<QubeName, Qube> m_qubes;
    QSet<QubeName> m_gone; ///< were in the list once and are not any more
    QHash<QubeName, Backend> m_backends;
    QHash<QubeName, QList<Attachment>> m_attached; ///< by frontend
    QHash<QubeName, QList<Assignment>> m_assigned; ///< by frontend
};

} // namespace model
