// SPDX-License-Identifier: GPL-2.0-or-later
#include "inventory.h"

#include <algorithm>

namespace model {

Inventory::QubeChanges Inventory::setQubes(const QubeList &list)
{
    QubeChanges changes;
    m_generation = list.generation;
    QSet<QubeName> present;
    for (const QubeListing &listing : list.qubes) {
        present.insert(listing.name);
        m_gone.remove(listing.name);
        const auto old = m_qubes.find(listing.name);
        if (old == m_qubes.end()) {
            const auto fresh = m_qubes.insert(listing.name, Qube{listing});
            changes.added.append(listing.name);
            if (fresh->canHold())
                changes.started.append(listing.name);
            continue;
        }
        if (old->listing == listing)
            continue;
        const bool couldHold = old->canHold();
        old->listing = listing;
        changes.changed.append(listing.name);
        if (old->canHold() && !couldHold)
            changes.started.append(listing.name);
        if (!old->canHold() && couldHold)
            changes.ended.append(listing.name);
    }
    for (auto it = m_qubes.begin(); it != m_qubes.end();) {
        if (present.contains(it.key())) {
            ++it;
            continue;
        }
        changes.removed.append(it.key());
        if (it->canHold())
            changes.ended.append(it.key());
        m_gone.insert(it.key());
        m_attached.remove(it.key());
        m_assigned.remove(it.key());
        m_backends.remove(it.key());
        it = m_qubes.erase(it);
    }
    for (const QubeName &name : std::as_const(changes.ended)) {
        m_backends.remove(name);
        m_attached.remove(name);
    }
    return changes;
}

void Inventory::setProperties(const QubeName &qube, const Result<QubeProperties> &properties)
{
    const auto found = m_qubes.find(qube);
    if (found == m_qubes.end())
        return;
    if (properties) {
        found->properties = *properties;
        found->problem.reset();
    } else {
        found->problem = properties.error(); // what was known before is better than nothing
    }
}

void Inventory::setInternal(const QubeName &qube, bool internal)
{
    const auto found = m_qubes.find(qube);
    if (found != m_qubes.end())
        found->internal = internal;
}

void Inventory::setUsbController(const QubeName &qube, bool has)
{
    const auto found = m_qubes.find(qube);
    if (found != m_qubes.end())
        found->usbController = has;
}

Inventory::Effect Inventory::setDevices(const QubeName &backend, const Result<DeviceList> &devices)
{
    Backend &entry = m_backends[backend];
    const Backend before = entry;
    if (!devices) {
        // Keep the rows: whether they are still true is what `problem` leaves open.
        entry.problem = devices.error();
    } else {
        entry.problem.reset();
        entry.listed = true;
        entry.unreadable = devices->unreadable;
        entry.devices.clear();
        const qsizetype shown = std::min(devices->devices.size(), maxDevices);
        entry.unshown = static_cast<int>(devices->devices.size() - shown);
        for (const UsbDevice &device : devices->devices.first(shown))
            entry.devices.insert(device.key.port, device);
    }
    if (entry == before)
        return Effect::None;
    return entry.devices == before.devices ? Effect::Status : Effect::Rows;
}

bool Inventory::setAttached(const QubeName &frontend, const QList<Attachment> &attached)
{
    if (m_attached.value(frontend) == attached)
        return false;
    m_attached.insert(frontend, attached);
    return true;
}

bool Inventory::setAssigned(const QubeName &frontend, const QList<Assignment> &assigned)
{
    if (m_assigned.value(frontend) == assigned)
        return false;
    m_assigned.insert(frontend, assigned);
    return true;
}

void Inventory::forgetListed()
{
    for (Backend &backend : m_backends) {
        backend.listed = false;
        backend.problem.reset();
    }
}

const Qube *Inventory::qube(const QubeName &name) const
{
    const auto found = m_qubes.constFind(name);
    return found == m_qubes.cend() ? nullptr : &*found;
}

const Inventory::Backend *Inventory::backend(const QubeName &name) const
{
    const auto found = m_backends.constFind(name);
    return found == m_backends.cend() ? nullptr : &*found;
}

const UsbDevice *Inventory::device(const DeviceKey &key) const
{
    const Backend *const entry = backend(key.backend);
    if (!entry)
        return nullptr;
    const auto found = entry->devices.constFind(key.port);
    return found == entry->devices.cend() ? nullptr : &*found;
}

bool Inventory::canHold(const QubeName &name) const
{
    if (const Qube *const known = qube(name))
        return known->canHold();
    // A GUI domain does not see every qube; only those are surely gone that it saw before.
    return !m_gone.contains(name);
}

std::optional<QubeName> Inventory::attachedTo(const UsbDevice &device) const
{
    if (device.whereabouts.known) {
        const auto &frontend = device.whereabouts.frontend;
        return frontend && canHold(*frontend) ? frontend : std::nullopt;
    }
    std::optional<QubeName> remembered;
    for (auto it = m_attached.cbegin(); it != m_attached.cend(); ++it) {
        if (!canHold(it.key()))
            continue;
        for (const Attachment &attachment : it.value()) {
            if (attachment.device != device.key)
                continue;
            if (!attachment.maybeOnlyRemembered)
                return it.key();
            remembered = it.key(); // the qube runs and the port is there: R4.1 attaches it then
        }
    }
    return remembered;
}

QList<Assignment> Inventory::assignments(const UsbDevice &device) const
{
    QList<Assignment> found;
    for (const QList<Assignment> &list : m_assigned) {
        for (const Assignment &assignment : list) {
            if (assignment.covers(device))
                found.append(assignment);
        }
    }
    std::sort(found.begin(), found.end(),
              [](const Assignment &a, const Assignment &b) { return a.frontend < b.frontend; });
    return found;
}

QList<QubeName> Inventory::frontendsListing(const QubeName &backend) const
{
    QList<QubeName> found;
    for (auto it = m_attached.cbegin(); it != m_attached.cend(); ++it) {
        if (std::any_of(it->cbegin(), it->cend(),
                        [&](const Attachment &attachment) { return attachment.device.backend == backend; }))
            found.append(it.key());
    }
    return found;
}

QList<QubeName> Inventory::backendsWithDevicesAt(const QubeName &frontend) const
{
    QList<QubeName> found;
    for (auto it = m_backends.cbegin(); it != m_backends.cend(); ++it) {
        if (std::any_of(it->devices.cbegin(), it->devices.cend(),
                        [&](const UsbDevice &device) { return device.whereabouts.frontend == frontend; }))
            found.append(it.key());
    }
    return found;
}

} // namespace model
