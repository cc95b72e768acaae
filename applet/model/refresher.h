// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "names.h"

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

namespace model {

/// One thing that can be read.
struct ReadKey
{
    enum class What { Qubes, DefaultDisposable, Properties, Internal, UsbController, Devices, Attached, Assigned };
    What what = What::Qubes;
    std::optional<QubeName> qube = {}; ///< nothing for Qubes and DefaultDisposable

    bool operator==(const ReadKey &) const = default;
    friend size_t qHash(const ReadKey &key, size_t seed = 0)
    {
        return qHashMulti(seed, static_cast<int>(key.what), key.qube ? key.qube->toString() : QString());
    }
};

/// Decides when to read what again. Things are marked "look again"; the marks of each are gathered for a moment, then
/// it is due once, whatever becomes of others. A thing marked while it is being read is read once more after that and
/// after its moment. What failed is due again later, with a growing delay.
class Refresher : public QObject
{
    Q_OBJECT
public:
    struct Timing
    {
        std::chrono::milliseconds quiet{150};     ///< due when no new mark came for so long…
        std::chrono::milliseconds patience{1000}; ///< …or the first mark is so old
        std::chrono::milliseconds firstRetry{2000};
        std::chrono::milliseconds lastRetry{60000};
    };
    enum class Outcome { Read, Failed, Hopeless };

    using Waiter = std::function<void(bool read)>;

    explicit Refresher(Timing timing, QObject *parent = nullptr);
    ~Refresher() override;

    void mark(const ReadKey &key);
    /// Due with the next turn of the event loop.
    void markNow(const ReadKey &key);
    /// As markNow(); `waiter` is called once, when a read that began after this call has ended, or can't end any more.
    void markNow(const ReadKey &key, Waiter waiter);

    /// The read of `key` that due() asked for under `ticket` has ended. False: it is of an earlier life (see reset and
    /// forget), its result must not be used. Call settle() after the result has been used.
    bool finished(const ReadKey &key, quint64 ticket, Outcome outcome);
    /// Calls the waiters of the last finished read of `key`.
    void settle(const ReadKey &key, bool read);

    /// `qube` is gone: nothing of it is due any more.
    void forget(const QubeName &qube);
    /// All reads under way are void and nothing is due; waiters hear false.
    void reset();

    bool isIdle() const;
    /// How old what was read last is; nothing if it never was, or if the last attempt failed.
    std::optional<std::chrono::milliseconds> age(const ReadKey &key) const;
    bool isPending(const ReadKey &key) const;

Q_SIGNALS:
    void due(const model::ReadKey &key, quint64 ticket);
    void idle();

private:
    struct Entry
    {
        bool marked = false;
        qint64 dueAt = 0;    ///< while it is marked; in milliseconds of the clock, as all that follow
        qint64 latestAt = 0; ///< while it is marked: no mark puts it off beyond
        std::optional<qint64> retryAt = {};
        quint64 ticket = 0; ///< not 0: being read
        int failures = 0;
        std::optional<qint64> readAt = {};
        std::vector<Waiter> next = {};    ///< wait for the next read
        std::vector<Waiter> current = {}; ///< wait for the one under way
    };
    /// When it is to be read; nothing if not by itself, or not before a read has ended.
    static std::optional<qint64> nextAt(const Entry &entry);
    void schedule();
    void flush();
    void begin(const ReadKey &key, Entry &entry);
    void checkIdle();
    static void tell(const std::vector<Waiter> &waiters, bool read);

    Timing m_timing;
    QElapsedTimer m_clock;
    QTimer m_timer; ///< for the first that is due
    QHash<ReadKey, Entry> m_entries;
    quint64 m_lastTicket = 0;
};

} // namespace model
