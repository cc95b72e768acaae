// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/locktable.h"
#include "forked.h"
#include "show.h"

#include <QTemporaryDir>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

using namespace engine;
using namespace std::chrono_literals;

/// Another process that holds locks of the table.
class Holder
{
public:
    Holder(const Paths &paths, const std::vector<std::string> &names)
        : m_process([&, this] {
            auto locks = LockTable::open(paths);
            if (!locks)
                return 1;
            std::vector<LockTable::Lock> held;
            for (const std::string &name : names) {
                auto lock = locks->lock(name);
                if (!lock)
                    return 2;
                held.push_back(std::move(*lock));
            }
            m_locked.ring();
            m_release.heard();
            held.clear();
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

    /// Whether another process would find it locked.
    bool isTaken(const std::string &name) const
    {
        Forked other([&] {
            auto own = LockTable::open(m_paths);
            return own && own->owner(name) ? 1 : 0;
        });
        return other.wait() == 1;
    }
    /// How often each process is among the owners.
    static std::map<pid_t, int> ownersOf(const LockTable &locks)
    {
        std::map<pid_t, int> owners;
        for (const UniqueFd &process : locks.ownerProcesses()) {
            std::ifstream info("/proc/self/fdinfo/" + std::to_string(process.get()));
            pid_t pid = -1;
            for (std::string word; info >> word;) {
                if (word == "Pid:")
                    info >> pid;
            }
            ++owners[pid];
        }
        return owners;
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_paths.state = m_dir->path().toStdString() + "/state";
    }

    void theFolderIsMadeForThisUserAlone()
    {
        VERIFY_SUCCEEDS(LockTable::open(m_paths));
        struct stat info
        {
        };
        QCOMPARE(stat(m_paths.state.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0700U);
        QCOMPARE(stat((m_paths.state + "/lock").c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0600U);
        VERIFY_SUCCEEDS(LockTable::open(m_paths)); // again
    }

    void aFolderWhereOthersMayDoAnythingIsRefused_data()
    {
        QTest::addColumn<int>("mode");
        for (const int mode : {0755, 0701, 0710, 0720, 01777})
            QTest::newRow(qPrintable(QString::number(mode, 8))) << mode;
    }
    void aFolderWhereOthersMayDoAnythingIsRefused()
    {
        QFETCH(int, mode);
        QCOMPARE(mkdir(m_paths.state.c_str(), 0700), 0);
        QCOMPARE(chmod(m_paths.state.c_str(), static_cast<mode_t>(mode)), 0);
        const auto locks = LockTable::open(m_paths);
        VERIFY_FAILS(locks, Fault::System);
        QCOMPARE(locks.error().number, EACCES);
        QVERIFY(!std::filesystem::exists(m_paths.state + "/lock"));
    }

    void aFolderOfAnotherUserIsRefused()
    {
        if (geteuid() != 0)
            QSKIP("needs root"); // CI is root; its count of skipped tests shows it elsewhere
        QCOMPARE(mkdir(m_paths.state.c_str(), 0700), 0);
        QCOMPARE(chown(m_paths.state.c_str(), 65534, 65534), 0);
        const auto locks = LockTable::open(m_paths);
        VERIFY_FAILS(locks, Fault::System);
        QCOMPARE(locks.error().number, EACCES);
    }

    void aLinkInsteadOfTheFolderIsRefused()
    {
        const std::string elsewhere = m_paths.state + ".elsewhere";
        QCOMPARE(mkdir(elsewhere.c_str(), 0700), 0);
        QCOMPARE(symlink(elsewhere.c_str(), m_paths.state.c_str()), 0);
        const auto linked = LockTable::open(m_paths);
        VERIFY_FAILS(linked, Fault::System);
        QCOMPARE(linked.error().number, EACCES);
        QVERIFY(std::filesystem::is_empty(elsewhere));
    }

    void aLinkInsteadOfTheFileIsRefused()
    {
        QCOMPARE(mkdir(m_paths.state.c_str(), 0700), 0);
        QCOMPARE(symlink("/dev/null", (m_paths.state + "/lock").c_str()), 0);
        const auto locks = LockTable::open(m_paths);
        VERIFY_FAILS(locks, Fault::System);
        QCOMPARE(locks.error().number, ELOOP);
    }

    void oneProcessAtATime()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        Holder other(m_paths, {"export 2-1"});
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
        Holder other(m_paths, {"export 2-1"});
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
        const Holder other(m_paths, {"export 2-1"});
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
        Holder other(m_paths, {"export 2-1"});
        QVERIFY(other.isThere());
        other.process().killHard();
        QVERIFY(!locks->owner("export 2-1"));
        VERIFY_SUCCEEDS(locks->lock("export 2-1"));
    }

    void aWaitEndsWhenTheLockIsFree()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        Holder other(m_paths, {"export 2-1"});
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
        const Holder other(m_paths, {"export 2-1"});
        QVERIFY(other.isThere());
        VERIFY_FAILS(locks->lock("export 2-1", Deadline(50ms)), Fault::Busy);
    }

    void theOwnerCanBeSignalled()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        QVERIFY(!locks->ownerProcess("export 2-1"));
        Holder other(m_paths, {"export 2-1"});
        QVERIFY(other.isThere());
        const UniqueFd process = locks->ownerProcess("export 2-1");
        QVERIFY(process);
        QCOMPARE(syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0), 0L);
        QCOMPARE(other.process().wait(), 128 + SIGTERM);
    }

    void allHoldersAreFound()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        QVERIFY(ownersOf(*locks).empty());
        std::vector<std::unique_ptr<Holder>> others;
        std::map<pid_t, int> expected;
        for (int n = 1; n <= 5; ++n) {
            std::vector<std::string> names;
            names.reserve(5);
            for (int k = 0; k < n; ++k)
                names.push_back(exportLock(std::to_string(n) + '-' + std::to_string(k + 1)));
            others.push_back(std::make_unique<Holder>(m_paths, names));
            QVERIFY(others.back()->isThere());
            expected[others.back()->process().pid()] = n;
        }
        // Our own lie among theirs and hide none of them.
        std::vector<LockTable::Lock> ours;
        for (int n = 1; n <= 20; ++n)
            ours.push_back(std::move(*locks->lock(importLock("sys-usb", "1-" + std::to_string(n)))));
        QCOMPARE(ownersOf(*locks), expected);
        expected.erase(others[2]->process().pid());
        others[2]->process().killHard();
        others[4]->release();
        QVERIFY(others[4]->released());
        expected.erase(others[4]->process().pid());
        QCOMPARE(ownersOf(*locks), expected);
    }

    void theyCanBeSignalled()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        Holder other(m_paths, {"export 2-1"});
        QVERIFY(other.isThere());
        const auto processes = locks->ownerProcesses();
        QCOMPARE(processes.size(), std::size_t{1});
        QCOMPARE(syscall(SYS_pidfd_send_signal, processes[0].get(), SIGTERM, nullptr, 0), 0L);
        QCOMPARE(other.process().wait(), 128 + SIGTERM);
    }

    void aMovedLockIsReleasedOnce()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        auto lock = locks->lock("export 2-1");
        VERIFY_SUCCEEDS(lock);
        {
            const LockTable::Lock moved = std::move(*lock);
            QVERIFY(isTaken("export 2-1"));
        }
        QVERIFY(!isTaken("export 2-1"));
    }

    void aLockMayTakeThePlaceOfAnother()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        auto lock = locks->lock("export 2-1");
        VERIFY_SUCCEEDS(lock);
        {
            auto other = locks->lock("export 2-2");
            VERIFY_SUCCEEDS(other);
            *lock = std::move(*other);
        }
        // The one that was held before goes with the one that was given.
        QVERIFY(!isTaken("export 2-1"));
        QVERIFY(isTaken("export 2-2"));
        {
            const LockTable::Lock moved = std::move(*lock);
        }
        *lock = std::move(*locks->lock("export 2-3")); // of one that holds nothing
        QVERIFY(!isTaken("export 2-2"));
        QVERIFY(isTaken("export 2-3"));
        {
            const LockTable::Lock moved = std::move(*lock);
        }
        QVERIFY(!isTaken("export 2-3"));
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
