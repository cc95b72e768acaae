// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicemodel.h"

#include <QPointer>

#include <algorithm>
#include <utility>

namespace model {

DeviceModel::DeviceModel(QubesSystem *system, const HardwareNames *names, Timing timing, QObject *parent)
    : QObject(parent)
    , m_system(system)
    , m_names(names)
    , m_timing(timing)
    , m_refresher(timing.refresh)
{
    connect(system, &QubesSystem::connectionChanged, this, &DeviceModel::onConnection);
    connect(system, &QubesSystem::hint, this, &DeviceModel::onHint);
    connect(&m_refresher, &Refresher::due, this, &DeviceModel::read);
    connect(&m_refresher, &Refresher::idle, this, [this] {
        if (m_listed && !m_ready) {
            m_ready = true;
            Q_EMIT readyChanged(true);
        }
    });
    m_pollTimer.setInterval(timing.withoutEvents);
    connect(&m_pollTimer, &QTimer::timeout, this, &DeviceModel::refresh);
    m_healTimer.setInterval(timing.heal);
    connect(&m_healTimer, &QTimer::timeout, this, &DeviceModel::lookIfOld);
}

DeviceModel::~DeviceModel() = default;

void DeviceModel::start()
{
    m_system->start();
}

Connection DeviceModel::connection() const
{
    return m_system->connection();
}

bool DeviceModel::isConnected() const
{
    return connection() == Connection::Connected || connection() == Connection::WithoutEvents;
}

void DeviceModel::onConnection(Connection connection)
{
    const bool usable = connection == Connection::Connected || connection == Connection::WithoutEvents;
    // Nobody told us what happened while we were away, so all is to be read again. Who waits for a read hears that it
    // failed, and has to see then that it is the connection's doing.
    const bool wasReady = std::exchange(m_ready, false);
    m_refresher.reset();
    m_inventory.forgetListed();
    m_shownListed.clear();
    m_listed = false;
    checkBackends();
    if (usable) {
        readEverything();
        m_healTimer.start();
    } else {
        m_healTimer.stop();
    }
    if (connection == Connection::WithoutEvents)
        m_pollTimer.start();
    else
        m_pollTimer.stop();
    if (wasReady)
        Q_EMIT readyChanged(false);
    Q_EMIT connectionChanged(connection);
}

void DeviceModel::readEverything()
{
    m_everythingIsOld = true;
    m_refresher.markNow(ReadKey{What::Qubes, {}});
    m_refresher.markNow(ReadKey{What::DefaultDisposable, {}});
}

Device DeviceModel::rowOf(const UsbDevice &usb) const
{
    Device row{usb};
    row.attachedTo = m_inventory.attachedTo(usb);
    row.assignments = m_inventory.assignments(usb);
    row.state = row.attachedTo ? DeviceState::Attached : DeviceState::Free;
    if (const auto failure = m_failures.constFind(usb.key); failure != m_failures.cend()) {
        row.failure = failure->failure;
        row.state = DeviceState::Failed;
    }
    if (const Job *const job = m_jobs.value(usb.key)) {
        row.failure.reset();
        row.abandoned = job->hasEnded();
        switch (job->kind()) {
        case Job::Kind::Detach:
        case Job::Kind::DetachAndShutdown:
            row.state = DeviceState::Detaching;
            break;
        default:
            row.state = job->from() ? DeviceState::Moving : DeviceState::Attaching;
            row.target = job->qube();
            break;
        }
    }
    return row;
}

void DeviceModel::markAmbiguous(QMap<DeviceKey, Device> &rows) const
{
    QHash<QString, int> count;
    for (const Device &row : std::as_const(rows))
        ++count[name(row.usb).toString()];
    for (Device &row : rows)
        row.ambiguous = count.value(name(row.usb).toString()) > 1;
}

void DeviceModel::sync()
{
    QMap<DeviceKey, Device> now;
    for (const Inventory::Backend &backend : m_inventory.backends()) {
        for (const UsbDevice &usb : backend.devices) {
            const auto old = m_rows.constFind(usb.key);
            const bool same = old != m_rows.cend() && old->usb.identity() == usb.identity();
            if (!same || old->attachedTo != m_inventory.attachedTo(usb))
                m_failures.remove(usb.key); // of another time
            now.insert(usb.key, rowOf(usb));
        }
    }
    markAmbiguous(now);
    const QMap<DeviceKey, Device> before = std::exchange(m_rows, now);
    for (auto it = before.cbegin(); it != before.cend(); ++it) {
        const auto still = now.constFind(it.key());
        if (still != now.cend() && still->usb.identity() == it->usb.identity())
            continue;
        m_failures.remove(it.key());
        const Qube *const backend = m_inventory.qube(it.key().backend);
        const bool ended = !backend || !backend->canHold();
        Q_EMIT deviceRemoved(*it, ended ? Disappearance::BackendGone : Disappearance::Unplugged);
    }
    for (auto it = now.cbegin(); it != now.cend(); ++it) {
        const auto old = before.constFind(it.key());
        if (old != before.cend() && old->usb.identity() == it->usb.identity()) {
            if (*old != *it)
                tellDifference(*old, *it);
            continue;
        }
        // Of a backend whose rows were shown (or known to be none) before, it is news.
        const bool news = m_shownListed.contains(it.key().backend);
        if (news && !m_wantAll)
            wantAll();
        Q_EMIT deviceAdded(it.key(), news ? Appearance::PluggedIn : Appearance::Listed);
        if (news && it->attachedTo)
            Q_EMIT deviceAttached(it.key(), *it->attachedTo); // by a rule, before we could look
    }
    m_shownListed.clear();
    for (auto it = m_inventory.backends().cbegin(); it != m_inventory.backends().cend(); ++it) {
        if (it->listed)
            m_shownListed.insert(it.key());
    }
    checkBackends();
    Q_EMIT synced();
}

void DeviceModel::tellDifference(const Device &old, const Device &now)
{
    Q_EMIT deviceChanged(now.key());
    if (old.attachedTo == now.attachedTo)
        return;
    if (old.attachedTo)
        Q_EMIT deviceDetached(now.key(), *old.attachedTo);
    if (now.attachedTo)
        Q_EMIT deviceAttached(now.key(), *now.attachedTo);
}

void DeviceModel::checkBackends()
{
    const QList<QubeName> now = backends();
    if (now == m_shownBackends)
        return;
    m_shownBackends = now;
    Q_EMIT backendsChanged();
}

} // namespace model
