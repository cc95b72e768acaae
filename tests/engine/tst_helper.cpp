// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/helper.h"
#include "base/locktable.h"
#include "forked.h"
#include "show.h"

#include <QTemporaryDir>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

/// Open descriptors of this process beyond the standard ones.
std::vector<int> openDescriptors()
{
    std::vector<int> all;
    for (int fd = 3; fd < 1024; ++fd) {
        if (fcntl(fd, F_GETFD) >= 0)
            all.push_back(fd);
    }
    return all;
}

/// A descriptor from `lowest` on that a program would inherit.
UniqueFd descriptorFrom(int lowest)
{
    const UniqueFd null(open("/dev/null", O_RDWR));
    return UniqueFd(fcntl(null.get(), F_DUPFD, lowest));
}

/// Waits for children of ours that nobody else waits for.
bool childrenEnd()
{
    return becomesTrue([] { return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; });
}

/// Of another process, or of ours.
std::size_t childCount(pid_t parent)
{
    const std::string number = std::to_string(parent);
    std::ifstream children("/proc/" + number + "/task/" + number + "/children");
    return std::vector<pid_t>(std::istream_iterator<pid_t>(children), {}).size();
}

/// A call that says a byte when it has begun and comes back when the other end of `fd` is closed.
std::function<Result<void>()> hangsOn(int fd)
{
    return [fd] {
        char byte = 0;
        static_cast<void>(::write(fd, "b", 1) == 1 && ::read(fd, &byte, 1) == 0);
        return Result<void>();
    };
}

bool hasChildren()
{
    return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

} // namespace

class TestHelper : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    Paths m_paths;

    std::string file(const std::string &name) const { return m_dir->path().toStdString() + '/' + name; }
    Result<void> call(const std::function<Result<void>()> &work, int kept = -1, Deadline deadline = Deadline(patience),
                      const std::string &busid = "2-1") const
    {
        return callOrGiveUp(m_paths, busid, "trying it", deadline, kept, work);
    }

    /// A call that hangs on `fd`, given up as soon as it does; `other`: the other end of `fd`.
    void stopWhenItHangs(int fd, int other) const
    {
        const auto stop = socketPair();
        Forked stopper([&] {
            // Having the lock is not enough: it looks once more whether anybody waits before it begins.
            char byte = 0;
            if (::read(other, &byte, 1) != 1)
                return 1;
            return ::write(stop.second.get(), "x", 1) == 1 ? 0 : 2;
        });
        VERIFY_FAILS(call(hangsOn(fd), fd, Deadline(patience, stop.first.get())), Fault::Timeout);
        QCOMPARE(stopper.wait(), 0);
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_paths.state = file("state");
    }
    void cleanup() { QVERIFY(!hasChildren()); }

    void whatSucceedsSucceeds()
    {
        VERIFY_SUCCEEDS(call([] { return Result<void>(); }));
    }

    void itIsDoneInAnotherProcess()
    {
        const auto done = call([] { return Error{Fault::System, std::to_string(getpid())}; });
        QVERIFY(std::stoi(done.error().text) != getpid());
        bool changed = false;
        VERIFY_SUCCEEDS(call([&] {
            changed = true;
            return Result<void>();
        }));
        QVERIFY(!changed);
    }

    void everyErrorComesThrough_data()
    {
        QTest::addColumn<int>("fault");
        QTest::addColumn<int>("number");
        QTest::addColumn<QByteArray>("text");
        for (int fault = 0; fault <= static_cast<int>(Fault::Cancelled); ++fault)
            QTest::addRow("fault %d", fault) << fault << EBUSY << QByteArray("it is busy: 2-1");
        QTest::newRow("no errno") << 2 << 0 << QByteArray("gone");
        QTest::newRow("no text") << 0 << ENODEV << QByteArray();
        QTest::newRow("a text like a number") << 0 << ENODEV << QByteArray(" 1 2 ok");
        QTest::newRow("any byte") << 0 << 1 << QByteArray("a\nb\0\xff", 5);
    }
    void everyErrorComesThrough()
    {
        QFETCH(int, fault);
        QFETCH(int, number);
        QFETCH(QByteArray, text);
        const auto done = call([&] { return Error{static_cast<Fault>(fault), bytesOf(text), number}; });
        VERIFY_FAILS(done, static_cast<Fault>(fault));
        QCOMPARE(done.error().number, number);
        QCOMPARE(done.error().text, bytesOf(text));
    }

    void aLongTextIsCut()
    {
        const auto done = call([] { return Error{Fault::Peer, std::string(5000, 'x'), EIO}; });
        VERIFY_FAILS(done, Fault::Peer);
        QCOMPARE(done.error().number, EIO);
        QVERIFY(done.error().text.starts_with(std::string(100, 'x')));
    }

    void whatHangsIsGivenUp()
    {
        auto [ours, theirs] = socketPair();
        const auto done = call(hangsOn(theirs.get()), theirs.get(), Deadline(2s));
        VERIFY_FAILS(done, Fault::Timeout);
        QVERIFY(done.error().text.starts_with("trying it: "));
        // It was not killed: the kernel's work must not be disturbed. It ends by itself if it had not begun by then.
        int status = 0;
        QVERIFY(waitpid(-1, &status, WNOHANG) == 0 || WIFEXITED(status));
        ours.reset();
        QVERIFY(childrenEnd());
    }

    void aStopGivesUpAtOnce()
    {
        auto [ours, theirs] = socketPair();
        stopWhenItHangs(theirs.get(), ours.get());
        QCOMPARE(waitpid(-1, nullptr, WNOHANG), 0);
        ours.reset();
        QVERIFY(childrenEnd());
    }

    void theNextCallOnTheDeviceWaitsForTheOneThatHangs()
    {
        auto [ours, theirs] = socketPair();
        stopWhenItHangs(theirs.get(), ours.get());
        const auto touch = [this](const char *name) {
            return [path = file(name)] {
                std::ofstream(path) << "";
                return Result<void>();
            };
        };
        VERIFY_FAILS(call(touch("early"), -1, Deadline(100ms)), Fault::Timeout);
        QVERIFY(becomesTrue([] {
            waitpid(-1, nullptr, WNOHANG);
            return childCount(getpid()) == 1; // the one that hangs
        }));
        VERIFY_SUCCEEDS(call(touch("other"), -1, Deadline(patience), "2-2"));
        ours.reset();
        VERIFY_SUCCEEDS(call(touch("late")));
        QVERIFY(childrenEnd());
        QVERIFY(!std::filesystem::exists(file("early")));
        QVERIFY(std::filesystem::exists(file("late")));
    }

    /// It waits for the call before it, and the caller is told to stop; that it lives on does not matter.
    void nothingIsDoneForACallerThatWentOnWithoutIt()
    {
        auto [ours, theirs] = socketPair();
        stopWhenItHangs(theirs.get(), ours.get());
        const auto stop = socketPair();
        QCOMPARE(::write(stop.second.get(), "x", 1), ssize_t{1});
        const auto touch = [path = file("late")] {
            std::ofstream(path) << "";
            return Result<void>();
        };
        VERIFY_FAILS(call(touch, -1, Deadline(patience, stop.first.get())), Fault::Timeout);
        QVERIFY(hasCallsUnderWay());
        ours.reset();
        QVERIFY(childrenEnd());
        QVERIFY(!std::filesystem::exists(file("late")));
    }

    void nothingIsDoneForACallerThatWasKilledBefore()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        auto lock = std::optional(locks->lock(callLock("2-1")));
        VERIFY_SUCCEEDS(*lock);
        auto [ours, theirs] = socketPair();
        Forked caller([this, fd = theirs.get(), &other = ours] {
            other.reset();
            static_cast<void>(call(
                [this] {
                    std::ofstream(file("touched")) << "";
                    return Result<void>();
                },
                fd));
            return 0;
        });
        theirs.reset();
        QVERIFY(becomesTrue([&] { return childCount(caller.pid()) == 1; }));
        caller.killHard();
        char byte = 0;
        QVERIFY(::recv(ours.get(), &byte, 1, MSG_DONTWAIT) < 0); // its process is there and waits for the lock
        lock.reset();
        QCOMPARE(::recv(ours.get(), &byte, 1, 0), ssize_t{0}); // and ends
        QVERIFY(!std::filesystem::exists(file("touched")));
    }

    void oneThatIsKilledIsNoSuccess()
    {
        VERIFY_FAILS(call([]() -> Result<void> {
                         raise(SIGKILL);
                         return {};
                     }),
                     Fault::System);
    }

    void onlyWhatIsKeptIsThere_data()
    {
        QTest::addColumn<int>("lowest"); // of the kept descriptor; the one for the answer is near 3
        QTest::newRow("none") << -1;
        QTest::newRow("below the answer's") << 3;
        QTest::newRow("above it") << 300;
        QTest::newRow("the highest of all") << 900;
    }
    void onlyWhatIsKeptIsThere()
    {
        QFETCH(int, lowest);
        const UniqueFd kept = lowest < 0 ? UniqueFd() : descriptorFrom(lowest);
        const UniqueFd leaks[] = {descriptorFrom(3), descriptorFrom(20), descriptorFrom(500)};
        const auto done = call(
            [&]() -> Result<void> {
                const auto all = openDescriptors();
                // The one for the answer, the table of locks, and the kept one.
                if (all.size() != (lowest < 0 ? 2U : 3U))
                    return Error{Fault::System, std::to_string(all.size()) + " are open"};
                if (lowest >= 0 && fcntl(kept.get(), F_GETFD) < 0)
                    return Error{Fault::System, "the kept one is closed"};
                for (const UniqueFd &leak : leaks) {
                    if (fcntl(leak.get(), F_GETFD) >= 0)
                        return Error{Fault::System, "another one is open"};
                }
                return {};
            },
            kept.get());
        VERIFY_SUCCEEDS(done);
    }

    void whatHangsHoldsNoConnectionOpen()
    {
        auto [ours, theirs] = socketPair();
        auto [connection, peer] = socketPair();
        stopWhenItHangs(theirs.get(), ours.get());
        connection.reset();
        char byte = 0;
        QVERIFY(becomesTrue([&fd = peer, &byte] { return ::recv(fd.get(), &byte, 1, MSG_DONTWAIT) == 0; }));
        ours.reset();
        QVERIFY(childrenEnd());
    }

    void ourLocksStayOurs()
    {
        auto locks = LockTable::open(m_paths);
        VERIFY_SUCCEEDS(locks);
        const auto lock = locks->lock(exportLock("2-1"));
        VERIFY_SUCCEEDS(lock);
        VERIFY_SUCCEEDS(call([] { return Result<void>(); }));
        Forked other([this] {
            const auto own = LockTable::open(m_paths);
            return own && own->owner(exportLock("2-1")) && !own->owner(callLock("2-1")) ? 0 : 1;
        });
        QCOMPARE(other.wait(), 0);
    }

    void nothingIsLeftOpenHere()
    {
        const auto before = openDescriptors();
        VERIFY_SUCCEEDS(call([] { return Result<void>(); }));
        QCOMPARE(openDescriptors(), before);
    }

    void whereNoProcessCanBeMadeItIsDoneHere()
    {
        Forked process([this] {
            // The limit does not count for root.
            const rlimit none{0, 0};
            if ((geteuid() == 0 && setuid(65534) != 0) || setrlimit(RLIMIT_NPROC, &none) != 0)
                return 1;
            pid_t where = 0;
            const auto done = call([&] {
                where = getpid();
                return Error{Fault::Busy, "here", EBUSY};
            });
            return !done && done.error().number == EBUSY && where == getpid() ? 0 : 2;
        });
        QCOMPARE(process.wait(), 0);
    }

    void aFileIsOpened()
    {
        const std::string path = file("file");
        std::ofstream(path) << "text";
        const auto opened = openOrGiveUp(path, O_RDONLY | O_CLOEXEC, Deadline(patience));
        VERIFY_SUCCEEDS(opened);
        std::array<char, 8> buffer{};
        QCOMPARE(::read(opened->get(), buffer.data(), buffer.size()), ssize_t{4});
        QVERIFY((fcntl(opened->get(), F_GETFD) & FD_CLOEXEC) != 0);
    }

    void aFileThatIsNotThere()
    {
        const auto opened = openOrGiveUp("/nowhere/at all", O_RDONLY, Deadline(patience));
        VERIFY_FAILS(opened, Fault::System);
        QCOMPARE(opened.error().number, ENOENT);
        QVERIFY(opened.error().text.find("/nowhere/at all") != std::string::npos);
    }

    void aDeviceThatDoesNotAnswer()
    {
        // Opening this one waits for somebody who writes to it.
        const std::string path = file("fifo");
        QCOMPARE(mkfifo(path.c_str(), 0600), 0);
        const auto opened = openOrGiveUp(path, O_RDONLY | O_CLOEXEC, Deadline(100ms));
        VERIFY_FAILS(opened, Fault::Timeout);
        QVERIFY(opened.error().text.find(path) != std::string::npos);
        QVERIFY(becomesTrue(
            [&] { return static_cast<bool>(UniqueFd(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC))); }));
        QVERIFY(childrenEnd());
    }
};

QTEST_APPLESS_MAIN(TestHelper)
#include "tst_helper.moc"
