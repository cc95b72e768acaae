// SPDX-License-Identifier: GPL-2.0-or-later
#include "refresher.h"

#include <algorithm>

namespace model {

Refresher::Refresher(Timing timing, QObject *parent)
    : QObject(parent)
    , m_timing(timing)
{
    m_clock.start();
    m_quietTimer.setSingleShot(true);
    m_patienceTimer.setSingleShot(true);
    m_retryTimer.setSingleShot(true);
    connect(&m_quietTimer, &QTimer::timeout, this, &Refresher::flush);
    connect(&m_patienceTimer, &QTimer::timeout, this, &Refresher::flush);
    connect(&m_retryTimer, &QTimer::timeout, this, [this] {
        const qint64 now = m_clock.elapsed();
        qint64 next = -1;
        for (auto it = m_retries.begin(); it != m_retries.end();) {
            if (it.value() <= now) {
                mark(it.key());
                it = m_retries.erase(it);
            } else {
                next = next < 0 ? it.value() : std::min(next, it.value());
                ++it;
            }
        }
        if (next >= 0)
            m_retryTimer.start(std::chrono::milliseconds(next - now));
    });
}

Refresher::~Refresher() = default;

void Refresher::mark(const ReadKey &key)
{
    m_entries[key].marked = true;
    const bool urgent = m_quietTimer.isActive() && m_quietTimer.interval() == 0;
    if (!urgent)
        m_quietTimer.start(m_timing.quiet);
    if (!m_patienceTimer.isActive())
        m_patienceTimer.start(m_timing.patience);
}

void Refresher::markNow(const ReadKey &key)
{
    m_entries[key].marked = true;
    m_quietTimer.start(std::chrono::milliseconds(0));
}

void Refresher::markNow(const ReadKey &key, Waiter waiter)
{
    m_entries[key].next.push_back(std::move(waiter));
    markNow(key);
}

void Refresher::flush()
{
    m_quietTimer.stop();
    m_patienceTimer.stop();
    QList<ReadKey> keys;
    for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
        if (it->marked && it->ticket == 0)
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
        if (it != m_entries.end() && it->marked && it->ticket == 0)
            begin(key, *it);
    }
    checkIdle();
}

void Refresher::begin(const ReadKey &key, Entry &entry)
{
    entry.marked = false;
    entry.current = std::move(entry.next);
    entry.next.clear();
    entry.ticket = ++m_lastTicket;
    m_retries.remove(key);
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
        m_retries.insert(key, m_clock.elapsed() + delay.count());
        if (!m_retryTimer.isActive() || m_retryTimer.remainingTimeAsDuration() > delay)
            m_retryTimer.start(delay);
    }
    return true;
}

void Refresher::settle(const ReadKey &key, bool read)
{
    const auto it = m_entries.find(key);
    if (it != m_entries.end()) {
        const auto waiters = std::move(it->current);
        it->current.clear();
        if (it->marked)
            m_quietTimer.start(std::chrono::milliseconds(0));
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
            m_retries.remove(it.key());
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
    m_retries.clear();
    m_quietTimer.stop();
    m_patienceTimer.stop();
    m_retryTimer.stop();
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
