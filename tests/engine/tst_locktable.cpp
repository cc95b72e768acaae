// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/locktable.h"
#include "forked.h"
#include "show.h"

#include <QTemporaryDir>
#include <csignal>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

using namespace engine;
using namespace std::chrono_literals;

/// Another process that holds a lock of the table.
class Holder
{
public:
    Holder(const Paths &paths, const std::string &name)
        : m_process([&, this] {
            auto locks = LockTable::open(paths);
            if (!locks)
                return 1;
            auto lock = std::optional(locks->lock(name));
            if (!*lock)
                return 2;
            m_locked.ring();
            m_release.heard();
            lock.reset();
            m_released.ring();
            m_end.heard();
            return 0;
        })
    {
        m_isThere = m_locked.heard();
    }
    bool isThere() const { return m_isThere; }
    Forked &process() { return m_process; }
    void release() const { m_release.ring(); }
    bool released() const { return m_released.heard(); }

private:
    Bell m_locked;
    Bell m_release;
    Bell m_released;
    Bell m_end;
    bool m_isThere = false;
    Forked m_process;
};

class TestLockTable : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    Paths m_paths;

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_paths.run = m_dir->path().toStdString() + "/run";
    }

    void theFolderIsMade()
    {
        VERIFY_SUCCEEDS(LockTable::open(m_paths));
        struct stat info
        {
        };
        QCOMPARE(stat((m_paths.run + "/usb-engine.lock").c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0600U);
    }

    void aLinkInsteadOfTheFileIsRefused()
    {
        QCOMPARE(mkdir(m_paths.run.c_str(), 0755), 0);
        QCOMPARE(symlink("/dev/null", (m_paths.run + "/usb-engine.lock").c_str()), 0);
        VERIFY_FAILS(LockTable::open(m_paths), Fault::System);
    }

    void oneProcessAtATime()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        const auto refused = locks->lock("export 2-1");
        VERIFY_FAILS(refused, Fault::Busy);
        VERIFY_SUCCEEDS(locks->lock("export 2-2")); // another name
    }

    void theOwnerIsKnown()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        QVERIFY(!locks->owner("export 2-1"));
        Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        QCOMPARE(locks->owner("export 2-1"), std::optional(other.process().pid()));
        QVERIFY(!locks->owner("export 2-2"));
    }

    void ourOwnLocksHaveNoOtherOwner()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        const auto lock = locks->lock("export 2-1");
        VERIFY_SUCCEEDS(lock);
        QVERIFY(!locks->owner("export 2-1"));
    }

    void aReleasedLockIsFree()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        const Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        other.release();
        QVERIFY(other.released());
        QVERIFY(!locks->owner("export 2-1"));
        VERIFY_SUCCEEDS(locks->lock("export 2-1"));
    }

    void kill9FreesALock()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        other.process().killHard();
        QVERIFY(!locks->owner("export 2-1"));
        VERIFY_SUCCEEDS(locks->lock("export 2-1"));
    }

    void aWaitEndsWhenTheLockIsFree()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        Forked releaser([&] {
            poll(nullptr, 0, 30); // while the lock below is waited for
            other.release();
            return 0;
        });
        VERIFY_SUCCEEDS(locks->lock("export 2-1", Deadline(patience)));
        QVERIFY(other.released());
    }

    void aWaitEndsAtTheDeadline()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        const Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        VERIFY_FAILS(locks->lock("export 2-1", Deadline(50ms)), Fault::Busy);
    }

    void theOwnerCanBeSignalled()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        QVERIFY(!locks->ownerProcess("export 2-1"));
        Holder other(m_paths, "export 2-1");
        QVERIFY(other.isThere());
        const UniqueFd process = locks->ownerProcess("export 2-1");
        QVERIFY(process);
        QCOMPARE(syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0), 0L);
        QCOMPARE(other.process().wait(), 128 + SIGTERM);
    }

    void aMovedLockIsReleasedOnce()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        auto lock = locks->lock("export 2-1");
        VERIFY_SUCCEEDS(lock);
        const auto taken = [&] {
            Forked other([&] {
                auto own = LockTable::open(m_paths);
                return own && own->owner("export 2-1") ? 1 : 0;
            });
            return other.wait() == 1;
        };
        {
            const LockTable::Lock moved = std::move(*lock);
            QVERIFY(taken());
        }
        QVERIFY(!taken());
    }

    void theLastPortIsKeptForAll()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        QCOMPARE(locks->lastPort(), 0U);
        for (const unsigned port : {239U, 7U, 0U}) {
            locks->setLastPort(port);
            Forked other([&] {
                const auto own = LockTable::open(m_paths);
                return own && own->lastPort() == port ? 0 : 1;
            });
            QCOMPARE(other.wait(), 0);
        }
    }

    void namesOfLocksDiffer()
    {
        QVERIFY(exportLock("2-1") != exportLock("2-2"));
        QVERIFY(importLock("a", "2-1") != importLock("b", "2-1"));
        QVERIFY(importLock("a", "2-1") != exportLock("2-1"));
    }
};

QTEST_GUILESS_MAIN(TestLockTable)
#include "tst_locktable.moc"
