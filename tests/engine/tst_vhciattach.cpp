// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/vhci.h"
#include "show.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr const char *attachFile = "devices/platform/vhci_hcd.0/attach";
constexpr const char *detachFile = "devices/platform/vhci_hcd.0/detach";

} // namespace

/// How Vhci::attach chooses a port; the rest of Vhci is in tst_vhci.cpp.
class TestVhciAttach : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::optional<LockTable> m_locks;
    std::vector<unsigned> m_announced; ///< ports, before they were tried
    Result<void> m_agreed;             ///< what was said to that

    Vhci vhci() const { return Vhci(m_fake->paths()); }
    Result<VhciPort> attach(const std::string &speed, Deadline deadline = Deadline(patience))
    {
        return vhci().attach(*m_locks, 0x10002, *Speed::parse(speed), std::move(socketPair().first), deadline,
                             [this](const VhciPort &port) {
                                 m_announced.push_back(port.number);
                                 return m_agreed;
                             });
    }
    /// Numbers of the ports that were written to "attach", in order.
    std::vector<unsigned> tried() const
    {
        std::vector<unsigned> numbers;
        for (const std::string &bytes : m_fake->writtenTo(attachFile))
            numbers.push_back(static_cast<unsigned>(std::stoul(bytes)));
        return numbers;
    }
    /// Speed codes that were written to "attach".
    std::vector<std::string> codes() const
    {
        std::vector<std::string> all;
        for (const std::string &bytes : m_fake->writtenTo(attachFile))
            all.push_back(bytes.substr(bytes.rfind(' ') + 1));
        return all;
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(locks);
        m_locks.emplace(std::move(*locks));
        m_announced.clear();
        m_agreed = {};
    }
    void cleanup()
    {
        m_locks.reset();
        m_fake.reset();
    }

    void speedChoosesTheHub()
    {
        m_fake->loadVhci(1, 2);
        QVERIFY(!attach("480")->isSuper);
        QVERIFY(!attach("1.5")->isSuper);
        QVERIFY(attach("5000")->isSuper);
        QVERIFY(attach("10000")->isSuper);
    }

    void theCommandIsThatOfTheKernel()
    {
        m_fake->loadVhci();
        auto [socket, peer] = socketPair();
        const int fd = socket.get();
        const auto port = vhci().attach(*m_locks, 0x10002, *Speed::parse("480"), std::move(socket), Deadline(patience),
                                        [](const VhciPort &) { return Result<void>(); });
        VERIFY_SUCCEEDS(port);
        QCOMPARE(m_fake->writtenTo(attachFile),
                 (std::vector{std::to_string(port->number) + ' ' + std::to_string(fd) + " 65538 3"}));
        QVERIFY(fcntl(fd, F_GETFD) < 0); // only the kernel holds it now
    }

    void portsAreUsedInTurn()
    {
        m_fake->loadVhci(1, 3);
        for (int n = 0; n < 6; ++n) {
            const auto port = attach("480");
            VERIFY_SUCCEEDS(port);
            VERIFY_SUCCEEDS(vhci().detach(port->number));
        }
        QCOMPARE(tried(), (std::vector<unsigned>{1, 2, 0, 1, 2, 0}));
    }

    void usedPortsArePassedOver()
    {
        m_fake->loadVhci(1, 3);
        m_fake->setPort(1, "006 003 00010002 000005 3-2");
        m_fake->setPort(2, "005 000 00000000 000000 0-0");
        QCOMPARE(attach("480")->number, 0U);
    }

    void portsInTheErrorStateAreClearedAndUsedAgain()
    {
        m_fake->loadVhci(1, 2);
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        m_fake->setPort(1, "007 000 00000000 000000 0-0");
        m_fake->setPort(3, "007 000 00000000 000000 0-0");
        QCOMPARE(attach("480")->number, 1U);
        QCOMPARE(m_fake->writtenTo(detachFile), (std::vector{"1"s, "3"s}));
        QVERIFY(vhci().port(3)->state == VhciPort::State::Free);
        QVERIFY(vhci().port(0)->state == VhciPort::State::Used);
    }

    void theErrorStateMayEndAMomentLater()
    {
        m_fake->loadVhci(1, 1);
        m_fake->setPort(0, "007 000 00000000 000000 0-0");
        const Bell detached;
        const auto kernel = m_fake->reaction(detachFile);
        m_fake->onWrite(detachFile, [&](const std::string &) {
            detached.ring();
            return 0;
        });
        Forked worker([&] {
            if (!detached.heard())
                return 1;
            poll(nullptr, 0, 30); // while it is waited for
            return kernel("0");
        });
        QCOMPARE(attach("480")->number, 0U);
        QCOMPARE(m_fake->writtenTo(detachFile), (std::vector{"0"s})); // once
        QCOMPARE(worker.wait(), 0);
    }

    void anErrorThatStaysIsWaitedForUntilTheDeadlineOnly()
    {
        m_fake->loadVhci(1, 1);
        m_fake->setPort(0, "007 000 00000000 000000 0-0");
        m_fake->onWrite(detachFile, [](const std::string &) { return 0; });
        VERIFY_FAILS(attach("480", Deadline(50ms)), Fault::Busy);
        QVERIFY(tried().empty());
        m_fake->onWrite(detachFile, [](const std::string &) { return EIO; });
        VERIFY_FAILS(attach("480"), Fault::Busy);
    }

    void eachPortIsAnnouncedBeforeItIsTried()
    {
        m_fake->loadVhci(1, 3);
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [&, first = true](const std::string &bytes) mutable {
            const auto port = static_cast<unsigned>(std::stoul(bytes));
            if (m_announced.empty() || m_announced.back() != port)
                return EINVAL;
            if (std::exchange(first, false)) // somebody else was faster
                m_fake->setPort(port, "006 003 00010003 000005 3-2");
            return kernel(bytes);
        });
        VERIFY_SUCCEEDS(attach("480"));
        QCOMPARE(m_announced, (std::vector{1U, 2U}));
        QCOMPARE(tried(), m_announced);
    }

    void withoutAgreementNothingIsTried()
    {
        m_fake->loadVhci();
        m_agreed = Error{Fault::Unsuitable, "no", EROFS};
        const auto port = attach("480");
        VERIFY_FAILS(port, Fault::Unsuitable);
        QCOMPARE(port.error().number, EROFS);
        QVERIFY(tried().empty());
        QCOMPARE(m_announced.size(), std::size_t{1});
    }

    void aPortThatCannotBeReadIsPassedOver()
    {
        m_fake->loadVhci(2, 2);
        m_fake->setPort(1, "009 000 00000000 000000 0-0");
        QCOMPARE(attach("480")->number, 4U);
    }

    void withoutAControllerThereIsNone() { VERIFY_FAILS(attach("480"), Fault::Missing); }

    void aPortWhoseOldDeviceIsStillThereIsPassedOver()
    {
        m_fake->loadVhci(1, 3);
        m_fake->addImported("3-2");
        QCOMPARE(attach("480")->number, 2U);
    }

    void otherControllersAreUsed()
    {
        m_fake->loadVhci(2, 1);
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        QCOMPARE(attach("480")->localBusid, "5-1"s);
    }

    void allPortsInUse()
    {
        m_fake->loadVhci(1, 1);
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        VERIFY_FAILS(attach("480"), Fault::Busy);
        QVERIFY(tried().empty());
        VERIFY_SUCCEEDS(attach("5000"));
    }

    void somebodyElseMayBeFaster()
    {
        m_fake->loadVhci(1, 3);
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [&, first = true](const std::string &bytes) mutable {
            if (std::exchange(first, false))
                m_fake->setPort(static_cast<unsigned>(std::stoul(bytes)), "006 003 00010003 000005 3-2");
            return kernel(bytes);
        });
        const auto port = attach("480");
        VERIFY_SUCCEEDS(port);
        QCOMPARE(port->number, 2U);
        QCOMPARE(tried(), (std::vector<unsigned>{1, 2}));
    }

    void alwaysBusyEnds()
    {
        m_fake->loadVhci(1, 2);
        m_fake->onWrite(attachFile, [](const std::string &) { return EBUSY; });
        VERIFY_FAILS(attach("480"), Fault::Busy);
        QCOMPARE(tried().size(), std::size_t{4}); // as many as there are ports
    }

    void superSpeedPlusIsAskedForFirst()
    {
        m_fake->loadVhci();
        VERIFY_SUCCEEDS(attach("10000"));
        QCOMPARE(codes(), (std::vector{"6"s}));
    }

    void kernelsBefore612KnowSuperSpeedOnly()
    {
        m_fake->loadVhci();
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile,
                        [kernel](const std::string &bytes) { return bytes.ends_with(" 6") ? EINVAL : kernel(bytes); });
        VERIFY_SUCCEEDS(attach("10000"));
        QCOMPARE(codes(), (std::vector{"6"s, "5"s}));
    }

    void aControllerThatIsBeingProbedIsAskedAgain()
    {
        m_fake->loadVhci();
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [kernel, left = 2](const std::string &bytes) mutable {
            return left-- > 0 ? EAGAIN : kernel(bytes);
        });
        VERIFY_SUCCEEDS(attach("480"));
        QCOMPARE(tried().size(), std::size_t{3});
    }

    void otherRefusalsAreFinal()
    {
        m_fake->loadVhci();
        m_fake->onWrite(attachFile, [](const std::string &) { return EINVAL; });
        const auto port = attach("480");
        VERIFY_FAILS(port, Fault::System);
        QCOMPARE(port.error().number, EINVAL);
        QCOMPARE(tried().size(), std::size_t{1});
    }

    void oneAttachAtATime()
    {
        m_fake->loadVhci();
        const std::string mark = m_fake->paths().state + "/released";
        const Bell held;
        Forked other([&] {
            auto locks = LockTable::open(m_fake->paths());
            const auto lock = locks->lock(portsLock);
            held.ring();
            poll(nullptr, 0, 50); // while the attach below would like to write
            FakeSysfs::putFile(mark, "");
            return lock ? 0 : 1;
        });
        QVERIFY(held.heard());
        bool wasReleased = false;
        const auto kernel = m_fake->reaction(attachFile);
        m_fake->onWrite(attachFile, [&](const std::string &bytes) {
            wasReleased = std::filesystem::exists(mark);
            return kernel(bytes);
        });
        VERIFY_SUCCEEDS(attach("480"));
        QVERIFY(wasReleased);
        QCOMPARE(other.wait(), 0);
    }

    void whoCannotHaveTheirTurnInTimeIsBusy()
    {
        m_fake->loadVhci();
        const Bell held;
        const Bell end;
        Forked other([&] {
            auto locks = LockTable::open(m_fake->paths());
            const auto lock = locks->lock(portsLock);
            held.ring();
            end.heard();
            return lock ? 0 : 1;
        });
        QVERIFY(held.heard());
        VERIFY_FAILS(attach("480", Deadline(50ms)), Fault::Busy);
        QVERIFY(tried().empty());
        end.ring();
        QCOMPARE(other.wait(), 0);
    }
};

QTEST_GUILESS_MAIN(TestVhciAttach)
#include "tst_vhciattach.moc"
