// SPDX-License-Identifier: GPL-2.0-or-later
#include "refresher.h"

#include <algorithm>

namespace model {

Refresher::Refresher(Timing timing, QObject *parent)
    : QObject(parent)
    , m_timing(timing)
{
    m_clock.start();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Refresher::flush);
}

Refresher::~Refresher() = default;

void Refresher::mark(const ReadKey &key)
{
    Entry &entry = m_entries[key];
    const qint64 now = m_clock.elapsed();
    if (!entry.marked) {
        entry.marked = true;
        entry.latestAt = now + m_timing.patience.count();
    } else if (entry.dueAt <= now) {
        return; // it is urgent
    }
    entry.dueAt = std::min(now + m_timing.quiet.count(), entry.latestAt);
    schedule();
}

void Refresher::markNow(const ReadKey &key)
{
    Entry &entry = m_entries[key];
    entry.marked = true;
    entry.dueAt = entry.latestAt = m_clock.elapsed();
    schedule();
}

void Refresher::markNow(const ReadKey &key, Waiter waiter)
{
    m_entries[key].next.push_back(std::move(waiter));
    markNow(key);
}

std::optional<qint64> Refresher::nextAt(const Entry &entry)
{
    if (entry.ticket != 0)
        return std::nullopt;
    return entry.marked ? std::optional(entry.dueAt) : entry.retryAt;
}

void Refresher::schedule()
{
    std::optional<qint64> first;
    for (const Entry &entry : std::as_const(m_entries)) {
        const auto at = nextAt(entry);
        if (at && (!first || *at < *first))
            first = at;
    }
    if (first)
        m_timer.start(std::chrono::milliseconds(std::max(qint64{0}, *first - m_clock.elapsed())));
    else
        m_timer.stop();
}

void Refresher::flush()
{
    const qint64 now = m_clock.elapsed();
    const auto isDue = [now](const Entry &entry) { return nextAt(entry).value_or(now + 1) <= now; };
    QList<ReadKey> keys;
    for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
        if (isDue(*it))
            keys.append(it.key());
    }
    // Lists of devices first: they are what people wait for.
    std::sort(keys.begin(), keys.end(), [](const ReadKey &a, const ReadKey &b) {
        const auto rank = [](const ReadKey &key) { return key.what == ReadKey::What::Devices ? 0 : 1; };
        return std::pair(rank(a), a.qube ? a.qube->toString() : QString()) <
               std::pair(rank(b), b.qube ? b.qube->toString() : QString());
    });
    for (const ReadKey &key : std::as_const(keys)) {
        const auto it = m_entries.find(key);
        if (it != m_entries.end() && isDue(*it))
            begin(key, *it);
    }
    schedule();
    checkIdle();
}

void Refresher::begin(const ReadKey &key, Entry &entry)
{
    entry.marked = false;
    entry.current = std::move(entry.next);
    entry.next.clear();
    entry.ticket = ++m_lastTicket;
    entry.retryAt.reset();
    Q_EMIT due(key, entry.ticket);
}

bool Refresher::finished(const ReadKey &key, quint64 ticket, Outcome outcome)
{
    const auto it = m_entries.find(key);
    if (it == m_entries.end() || it->ticket != ticket)
        return false;
    it->ticket = 0;
    if (outcome == Outcome::Read) {
        it->failures = 0;
        it->readAt = m_clock.elapsed();
        return true;
    }
    it->readAt.reset();
    if (outcome == Outcome::Failed) {
        const std::chrono::milliseconds grown = m_timing.firstRetry * (1 << std::min(it->failures, 10));
        const std::chrono::milliseconds delay = std::min(grown, m_timing.lastRetry);
        ++it->failures;
        it->retryAt = m_clock.elapsed() + delay.count();
        schedule();
    }
    return true;
}

void Refresher::settle(const ReadKey &key, bool read)
{
    const auto it = m_entries.find(key);
    if (it != m_entries.end()) {
        const auto waiters = std::move(it->current);
        it->current.clear();
        schedule();
        tell(waiters, read);
    }
    checkIdle();
}

void Refresher::forget(const QubeName &qube)
{
    std::vector<Waiter> waiters;
    for (auto it = m_entries.begin(); it != m_entries.end();) {
        if (it.key().qube == qube) {
            std::move(it->current.begin(), it->current.end(), std::back_inserter(waiters));
            std::move(it->next.begin(), it->next.end(), std::back_inserter(waiters));
            it = m_entries.erase(it);
        } else {
            ++it;
        }
    }
    tell(waiters, false);
}

void Refresher::reset()
{
    std::vector<Waiter> waiters;
    for (Entry &entry : m_entries) {
        std::move(entry.current.begin(), entry.current.end(), std::back_inserter(waiters));
        std::move(entry.next.begin(), entry.next.end(), std::back_inserter(waiters));
    }
    m_entries.clear();
    m_timer.stop();
    tell(waiters, false);
}

bool Refresher::isIdle() const
{
    return std::none_of(m_entries.begin(), m_entries.end(),
                        [](const Entry &entry) { return entry.marked || entry.ticket != 0; });
}

std::optional<std::chrono::milliseconds> Refresher::age(const ReadKey &key) const
{
    const auto it = m_entries.constFind(key);
    if (it == m_entries.cend() || !it->readAt)
        return std::nullopt;
    return std::chrono::milliseconds(m_clock.elapsed() - *it->readAt);
}

bool Refresher::isPending(const ReadKey &key) const
{
    const auto it = m_entries.constFind(key);
    return it != m_entries.cend() && (it->marked || it->ticket != 0);
}

void Refresher::checkIdle()
{
    if (isIdle())
        Q_EMIT idle();
}

void Refresher::tell(const std::vector<Waiter> &waiters, bool read)
{
    for (const Waiter &waiter : waiters)
        waiter(read);
}

} // namespace model
