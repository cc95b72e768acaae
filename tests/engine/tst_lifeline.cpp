// SPDX-License-Identifier: GPL-2.0-or-later
#include "forked.h"
#include "processes/lifeline.h"
#include "show.h"

#include <QTemporaryDir>
#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace engine;

namespace {

/// What a clean-up leaves: the child that runs it has none of our descriptors, so it can't ring a bell.
class Trace
{
public:
    void leave() const { std::ofstream(m_path) << "cleaned up"; }
    bool isThere() const { return std::filesystem::exists(m_path); }
    bool appears() const
    {
        return becomesTrue([this] { return isThere(); });
    }

private:
    QTemporaryDir m_dir;
    std::string m_path = m_dir.path().toStdString() + "/trace";
};

/// Children of a process, from /proc/PID/task/PID/children.
std::vector<pid_t> childrenOf(pid_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
    return {std::istream_iterator<pid_t>(file), {}};
}

} // namespace

class TestLifeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cleansUpWhenItsOwnerIsKilled()
    {
        const Bell alive;
        const Trace cleaned;
        Forked owner([&] {
            const Lifeline lifeline([&] { cleaned.leave(); });
            alive.ring();
            pause();
            return 0;
        });
        QVERIFY(alive.heard());
        owner.killHard();
        QVERIFY(cleaned.appears());
    }

    void doesNotWhenItsOwnerEndsInOrder()
    {
        const Trace cleaned;
        Forked owner([&] {
            const Lifeline lifeline([&] { cleaned.leave(); });
            return 0;
        });
        QCOMPARE(owner.wait(), 0);
        // Its destructor waits for the child, so nobody is left who could clean up.
        QVERIFY(!cleaned.isThere());
    }

    void isReplacedWhenItIsKilledItself()
    {
        const Bell alive;
        const Trace cleaned;
        const Bell noticed;
        Forked owner([&] {
            Lifeline lifeline([&] { cleaned.leave(); });
            alive.ring();
            pollfd end{lifeline.endFd(), POLLIN, 0};
            if (poll(&end, 1, static_cast<int>(patience.count())) != 1 || !lifeline.renew())
                return 1;
            noticed.ring();
            pause();
            return 0;
        });
        QVERIFY(alive.heard());
        const auto children = childrenOf(owner.pid());
        QCOMPARE(children.size(), std::size_t{1});
        ::kill(children.front(), SIGKILL);
        QVERIFY(noticed.heard());
        QVERIFY(!cleaned.isThere());
        owner.killHard();
        QVERIFY(cleaned.appears());
    }

    void keepsNoDescriptorOfItsOwner()
    {
        auto [ours, theirs] = socketPair();
        const Bell alive;
        Forked owner([&ours = ours, &theirs = theirs, &alive] {
            ours.reset();
            const Lifeline lifeline([] {});
            theirs.reset(); // the lifeline's child had it when it was forked
            alive.ring();
            pause();
            return 0;
        });
        QVERIFY(alive.heard());
        const auto children = childrenOf(owner.pid());
        QCOMPARE(children.size(), std::size_t{1});
        theirs.reset();
        // The call over this connection would not end if somebody still had its other end.
        pollfd end{ours.get(), POLLIN, 0};
        QCOMPARE(poll(&end, 1, static_cast<int>(patience.count())), 1);
        char byte = 0;
        QCOMPARE(::recv(ours.get(), &byte, 1, 0), ssize_t{0});
        // /dev/null three times, and the pipe to its owner.
        std::vector<std::string> open;
        for (const auto &entry :
             std::filesystem::directory_iterator("/proc/" + std::to_string(children.front()) + "/fd"))
            open.push_back(entry.path().filename());
        std::ranges::sort(open);
        QCOMPARE(open, (std::vector<std::string>{"0", "1", "2", "3"}));
    }

    void survivesASignalToTheOwnersGroup()
    {
        const Bell alive;
        const Trace cleaned;
        Forked owner([&] {
            setsid();
            const Lifeline lifeline([&] { cleaned.leave(); });
            alive.ring();
            pause();
            return 0;
        });
        QVERIFY(alive.heard());
        // The child has a session of its own as soon as its name is changed; before that it may share the group.
        const auto children = childrenOf(owner.pid());
        QCOMPARE(children.size(), std::size_t{1});
        QVERIFY(becomesTrue([&] { return getsid(children.front()) == children.front(); }));
        QCOMPARE(::kill(-owner.pid(), SIGKILL), 0);
        QVERIFY(cleaned.appears());
    }
};

QTEST_GUILESS_MAIN(TestLifeline)
#include "tst_lifeline.moc"
