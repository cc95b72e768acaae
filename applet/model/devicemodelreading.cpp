// SPDX-License-Identifier: GPL-2.0-or-later
// What is read of Qubes when, and where the answers go; rows are made of them in devicemodel.cpp.
#include "devicemodel.h"

#include <QPointer>

#include <algorithm>
#include <utility>

namespace model {

namespace {

/// Failures that the same call will meet again until something else changes (and then there is an event).
bool isHopeless(Reason reason)
{
    return reason == Reason::Refused || reason == Reason::NoSuchQube || reason == Reason::QubeNotRunning ||
           reason == Reason::NotSupported;
}

} // namespace

void DeviceModel::onHint(const Hint &hint)
{
    const bool known = hint.qube && m_inventory.qube(*hint.qube);
    if (hint.about == Hint::About::Qubes || !known) {
        m_refresher.mark(ReadKey{What::Qubes, {}});
        if (hint.about != Hint::About::Attachments)
            return;
    }
    switch (hint.about) {
    case Hint::About::Qubes:
        break;
    case Hint::About::Properties:
        m_refresher.mark(ReadKey{What::Properties, hint.qube});
        break;
    case Hint::About::Internal:
        m_refresher.mark(ReadKey{What::Internal, hint.qube});
        break;
    case Hint::About::Devices:
        m_refresher.mark(ReadKey{What::Devices, hint.qube});
        // R4.1 tells nobody that an attached device was pulled; its frontend's list knows.
        if (m_inventory.generation() == Generation::Legacy) {
            for (const QubeName &frontend : m_inventory.frontendsListing(*hint.qube))
                m_refresher.mark(ReadKey{What::Attached, frontend});
        }
        break;
    case Hint::About::Attachments:
        if (hint.backend && m_inventory.qube(*hint.backend))
            m_refresher.mark(ReadKey{What::Devices, hint.backend});
        if (known && m_inventory.generation() == Generation::Legacy)
            m_refresher.mark(ReadKey{What::Attached, hint.qube});
        break;
    case Hint::About::Assignments:
        if (m_inventory.generation() == Generation::Legacy)
            m_refresher.mark(ReadKey{What::Attached, hint.qube});
        else if (m_wantAll)
            m_refresher.mark(ReadKey{What::Assigned, hint.qube});
        break;
    }
}

template <typename T, typename Apply>
void DeviceModel::concluded(const ReadKey &key, quint64 ticket, const Result<T> &result, Apply apply)
{
    auto outcome = Refresher::Outcome::Read;
    if (!result)
        outcome = isHopeless(result.error().reason) ? Refresher::Outcome::Hopeless : Refresher::Outcome::Failed;
    if (!m_refresher.finished(key, ticket, outcome))
        return;
    apply();
    m_refresher.settle(key, bool(result));
}

void DeviceModel::read(const ReadKey &key, quint64 ticket)
{
    const QPointer<DeviceModel> guard(this);
    // Each answer goes the same way; only what is done with it differs.
    const auto then = [guard, key, ticket](auto apply) {
        return [guard, key, ticket, apply](const auto &result) {
            if (guard)
                guard->concluded(key, ticket, result, [&] { apply(result); });
        };
    };
    switch (key.what) {
    case What::Qubes:
        m_system->listQubes(then([this](const Result<QubeList> &list) { applyQubes(list); }));
        break;
    case What::DefaultDisposable:
        m_system->readDefaultDisposable(then([this](const Result<std::optional<QubeName>> &name) {
            if (!name || *name == m_defaultDisposable)
                return;
            const std::optional<QubeName> before = std::exchange(m_defaultDisposable, *name);
            for (const auto &changed : {before, m_defaultDisposable}) {
                if (changed)
                    Q_EMIT qubeChanged(*changed);
            }
        }));
        break;
    case What::Properties:
        m_system->readProperties(*key.qube, then([this, key](const Result<QubeProperties> &properties) {
            applyProperties(*key.qube, properties);
        }));
        break;
    case What::Internal:
        m_system->readInternal(*key.qube, then([this, key](const Result<bool> &internal) {
            if (!internal)
                return;
            m_inventory.setInternal(*key.qube, *internal);
            checkBackends();
            Q_EMIT qubeChanged(*key.qube);
        }));
        break;
    case What::UsbController:
        m_system->readUsbController(*key.qube, then([this, key](const Result<bool> &has) {
            if (!has)
                return;
            m_inventory.setUsbController(*key.qube, *has);
            checkBackends();
        }));
        break;
    case What::Devices:
        m_system->readDevices(*key.qube,
                              then([this, key](const Result<DeviceList> &list) { applyDevices(*key.qube, list); }));
        break;
    case What::Attached:
        m_system->readAttached(*key.qube, then([this, key](const Result<FrontendLists> &lists) {
            if (!lists)
                return;
            bool changed = m_inventory.setAttached(*key.qube, lists->attached);
            if (m_inventory.generation() == Generation::Legacy)
                changed |= m_inventory.setAssigned(*key.qube, lists->assigned);
            if (changed)
                sync();
        }));
        break;
    case What::Assigned:
        m_system->readAssigned(*key.qube, then([this, key](const Result<QList<Assignment>> &assigned) {
            if (!assigned)
                return;
            if (m_inventory.setAssigned(*key.qube, *assigned))
                sync();
        }));
        break;
    }
}

void DeviceModel::applyQubes(const Result<QubeList> &list)
{
    m_listed = true;
    if (!list)
        return;
    const Inventory::QubeChanges changes = m_inventory.setQubes(*list);
    for (const QubeName &name : changes.ended) {
        for (const QubeName &backend : m_inventory.backendsWithDevicesAt(name))
            m_refresher.mark(ReadKey{What::Devices, backend});
    }
    for (const QubeName &name : changes.changed)
        wantUsbController(name);
    for (const QubeName &name : changes.removed)
        m_refresher.forget(name);
    if (m_everythingIsOld) {
        m_everythingIsOld = false;
        for (const Qube &qube : m_inventory.qubes())
            wantFirst(qube);
        if (m_wantAll)
            wantAll();
    } else {
        QSet<QubeName> fresh(changes.added.begin(), changes.added.end());
        fresh.unite(QSet<QubeName>(changes.started.begin(), changes.started.end()));
        for (const QubeName &name : std::as_const(fresh))
            wantFirst(*m_inventory.qube(name));
    }
    sync();
    for (const QubeName &name : changes.added)
        Q_EMIT qubeAdded(name);
    for (const QubeName &name : changes.changed)
        Q_EMIT qubeChanged(name);
    for (const QubeName &name : changes.removed)
        Q_EMIT qubeRemoved(name);
}

/// At most three calls per qube: what is needed to show devices and where they can go. The rest waits for wantAll().
void DeviceModel::wantFirst(const Qube &qube)
{
    const QubeClass qubeClass = qube.listing.qubeClass;
    const bool runs = qube.canHold();
    if (qubeClass == QubeClass::Remote)
        return;
    if (runs)
        m_refresher.markNow(ReadKey{What::Devices, qube.name()});
    // dom0 is never a frontend; a halted template neither.
    if (qubeClass == QubeClass::Admin || (qubeClass == QubeClass::Template && !runs))
        return;
    m_refresher.markNow(ReadKey{What::Properties, qube.name()});
    if (runs && m_inventory.generation() == Generation::Legacy)
        m_refresher.markNow(ReadKey{What::Attached, qube.name()}); // R4.1's backends do not tell who has a device
    else
        m_refresher.markNow(ReadKey{What::Internal, qube.name()});
    if (m_wantAll && m_inventory.generation() == Generation::Modern)
        m_refresher.mark(ReadKey{What::Assigned, qube.name()});
}

void DeviceModel::wantAll()
{
    m_wantAll = true;
    for (const Qube &qube : m_inventory.qubes()) {
        const QubeClass qubeClass = qube.listing.qubeClass;
        if (qubeClass == QubeClass::Remote || qubeClass == QubeClass::Admin || qubeClass == QubeClass::Template)
            continue;
        if (m_inventory.generation() == Generation::Modern)
            m_refresher.markNow(ReadKey{What::Assigned, qube.name()});
        else
            m_refresher.markNow(ReadKey{qube.canHold() ? What::Internal : What::Attached, qube.name()});
    }
}

void DeviceModel::applyDevices(const QubeName &backend, const Result<DeviceList> &list)
{
    const Qube *const qube = m_inventory.qube(backend);
    if (!qube || !qube->canHold())
        return; // it ended while we asked
    const Inventory::Effect effect = m_inventory.setDevices(backend, list);
    if (effect == Inventory::Effect::None)
        return;
    if (effect == Inventory::Effect::Rows) {
        sync();
    } else {
        if (m_inventory.backend(backend)->listed)
            m_shownListed.insert(backend);
        checkBackends();
    }
    Q_EMIT backendChanged(backend);
}

void DeviceModel::applyProperties(const QubeName &name, const Result<QubeProperties> &properties)
{
    m_inventory.setProperties(name, properties);
    if (properties && properties->label)
        wantLabel(*properties->label);
    wantUsbController(name);
    Q_EMIT qubeChanged(name);
}

/// A running qube shows by its list whether it has USB devices; of a halted one this is the only sign. Few qubes can
/// have PCI devices at all, so it costs few calls.
void DeviceModel::wantUsbController(const QubeName &name)
{
    const Qube *const known = m_inventory.qube(name);
    if (known && known->isHalted() && known->properties && known->properties->canHavePci)
        m_refresher.markNow(ReadKey{What::UsbController, name});
}

void DeviceModel::wantLabel(const LabelName &label)
{
    if (m_labelColors.contains(label))
        return;
    m_labelColors.insert(label, 0);
    m_system->readLabelColor(label, [this, guard = QPointer<DeviceModel>(this), label](const Result<quint32> &color) {
        if (!guard)
            return;
        if (!color) {
            m_labelColors.remove(label); // asked for again with the next qube that has it
            return;
        }
        m_labelColors.insert(label, *color);
        for (const Qube &qube : m_inventory.qubes()) {
            if (qube.properties && qube.properties->label == label)
                Q_EMIT qubeChanged(qube.name());
        }
    });
}

} // namespace model
