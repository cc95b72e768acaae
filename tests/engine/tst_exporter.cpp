// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/locktable.h"
#include "fakeagent.h"
#include "fakesysfs.h"
#include "forked.h"
#include "processes/exporter.h"
#include "processes/hold.h"
#include "processes/lease.h"
#include "processes/settle.h"
#include "show.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>

using namespace engine;
using namespace std::string_literals;

/// Everything a backend does for one device, on the fake kernel. The export runs in this process, the frontend in
/// another.
class TestExporter : public QObject
{
    Q_OBJECT

    static constexpr const char *authorized = "devices/pci0000:00/0000:00:14.0/usb2/2-1/authorized";

    std::unique_ptr<FakeSysfs> m_fake;
    UniqueFd m_socket;
    UniqueFd m_frontend;

    Result<void> run(const std::string &spec)
    {
        const StopSignal stop;
        const Log log(false);
        return Exporter(m_fake->paths(), stop, log)
            .run(*DeviceSpec::parse(spec), *QubeName::parse("work"), std::move(m_socket), std::nullopt);
    }
    /// A frontend that takes the line, keeps it in a file, and detaches then.
    std::unique_ptr<Forked> frontend()
    {
        auto process = std::make_unique<Forked>([this] {
            m_socket.reset();
            std::string line;
            char byte = 0;
            while (::recv(m_frontend.get(), &byte, 1, 0) == 1 && byte != '\n')
                line += byte;
            FakeSysfs::putFile(m_fake->paths().run + "/line", line);
            // What the kernel did before it said so.
            FakeSysfs::putFile(m_fake->paths().run + "/status", m_fake->attribute("2-1", "usbip_status"));
            return line.empty() ? 1 : 0;
        });
        m_frontend.reset();
        return process;
    }
    /// As qrexec's process, which looks whether its peer lives when it gets SIGCHLD: who waits for the lock sends that.
    static std::unique_ptr<Forked> qrexec(const std::function<void()> &whenPoked)
    {
        const Bell ready;
        auto process = std::make_unique<Forked>([&] {
            sigset_t child;
            sigemptyset(&child);
            sigaddset(&child, SIGCHLD);
            sigprocmask(SIG_BLOCK, &child, nullptr);
            ready.ring();
            sigwaitinfo(&child, nullptr);
            whenPoked();
            return 0;
        });
        return ready.heard() ? std::move(process) : nullptr;
    }
    ExportLease lease(const std::string &frontend, pid_t agent = 0) const
    {
        return {*BusId::parse("2-1"), *QubeName::parse(frontend), "46f4:0001 x", "usb", false, false, agent};
    }
    /// Which driver the device has whenever it is blocked ("0") or allowed, as "drivers".
    void noteWhoIsAllowed() const
    {
        const std::string notes = m_fake->paths().run + "/drivers";
        m_fake->onWrite(authorized, [this, notes](const std::string &bytes) {
            FakeSysfs::putFile(notes, FakeSysfs::get(notes) + bytes + ' ' + m_fake->driver("2-1") + ';');
            m_fake->setAttribute("2-1", "authorized", bytes);
            return 0;
        });
    }
    bool hasLease() const { return Leases(m_fake->paths()).find(*BusId::parse("2-1")).has_value(); }
    std::string said(const std::string &name) const { return FakeSysfs::get(m_fake->paths().run + '/' + name); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadUsbipHost();
        std::tie(m_socket, m_frontend) = socketPair();
    }
    void cleanup()
    {
        m_socket.reset();
        m_frontend.reset();
        m_fake.reset();
    }

    void fromItsDriverAndBack()
    {
        m_fake->addDevice("2-1", {{"busnum", "2"}, {"devnum", "5"}});
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
        QCOMPARE(peer->wait(), 0);
        QCOMPARE(said("line"), "131077 480"s);
        QCOMPARE(said("status"), "2"s); // the kernel had the connection before the frontend was told
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void byItsIds()
    {
        m_fake->addDevice("2-1");
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("0x46f4.0x0001"));
        QCOMPARE(peer->wait(), 0);
    }

    void whatMustNotBePassedOnIsLeftAlone_data()
    {
        QTest::addColumn<QByteArray>("kind");
        for (const char *kind : {"hub", "imported", "mounted"})
            QTest::newRow(kind) << QByteArray(kind);
    }
    void whatMustNotBePassedOnIsLeftAlone()
    {
        QFETCH(QByteArray, kind);
        if (kind == "hub") {
            m_fake->addHub("2-1");
        } else if (kind == "imported") {
            m_fake->addImported("2-1");
        } else {
            m_fake->addDevice("2-1");
            m_fake->addInterface("2-1", "1.0", "080650");
            m_fake->addDisk("2-1", "sda", "8:0");
            m_fake->setMountinfo("22 1 8:0 / /mnt rw - vfat /dev/sda rw\n");
        }
        VERIFY_FAILS(run("2-1"), Fault::Unsuitable);
        QVERIFY(m_fake->written().empty());
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        // The frontend hears of it by the end of the connection.
        char byte = 0;
        QCOMPARE(::recv(m_frontend.get(), &byte, 1, 0), ssize_t{0});
    }

    void noSuchDevice()
    {
        VERIFY_FAILS(run("2-1"), Fault::NotFound);
        std::tie(m_socket, m_frontend) = socketPair();
        VERIFY_FAILS(run("0x46f4.0x0001"), Fault::NotFound);
    }

    void anotherExportIsNamed()
    {
        m_fake->addDevice("2-1");
        const Bell locked;
        const Bell poked;
        const auto signalled = qrexec([&] { poked.ring(); });
        QVERIFY(signalled);
        Forked other([&] {
            auto own = LockTable::open(m_fake->paths());
            const auto lock = own->lock(exportLock("2-1"));
            if (!Leases(m_fake->paths()).save(lease("personal", signalled->pid())))
                return 2;
            m_fake->setUsbipStatus("2-1", 2);
            locked.ring();
            pause();
            return lock ? 0 : 1;
        });
        QVERIFY(locked.heard());
        const auto done = run("2-1");
        VERIFY_FAILS(done, Fault::Busy);
        QVERIFY(done.error().text.find("qube personal") != std::string::npos);
        QVERIFY(m_fake->written().empty());
        QVERIFY(poked.heard());
    }

    void aFrontendThatHasGoneGetsNothing()
    {
        m_fake->addDevice("2-1");
        m_frontend.reset();
        const auto done = run("2-1");
        VERIFY_FAILS(done, Fault::Peer);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void aFailedHandOverGivesTheDeviceBack()
    {
        m_fake->addDevice("2-1");
        auto [packets, peer] = [] {
            std::array<int, 2> ends{};
            const int made = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data());
            return made == 0 ? std::pair(UniqueFd(ends[0]), UniqueFd(ends[1])) : std::pair<UniqueFd, UniqueFd>();
        }();
        m_socket = std::move(packets);
        const auto done = run("2-1");
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(done.error().text.find("Invalid argument") != std::string::npos);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        char byte = 0;
        QCOMPARE(::recv(peer.get(), &byte, 1, 0), ssize_t{0}); // no line was sent
    }

    void aDeviceThatWasLeftBehindIsRepaired_data()
    {
        QTest::addColumn<int>("status");
        QTest::newRow("parked") << 1;
        QTest::newRow("in the error state") << 3;
    }
    void aDeviceThatWasLeftBehindIsRepaired()
    {
        QFETCH(int, status);
        m_fake->addDevice("2-1");
        m_fake->giveToUsbipHost("2-1", status);
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
        QCOMPARE(peer->wait(), 0);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void parkedWhereThatIsSet()
    {
        FakeSysfs::putFile(m_fake->paths().services + "/usb-park-on-detach", "");
        m_fake->addDevice("2-1");
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void aBlockedDeviceIsAllowedOnlyWhileNoLocalDriverSeesIt()
    {
        m_fake->addDevice("2-1", {{"authorized", "0"}});
        noteWhoIsAllowed();
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
        QCOMPARE(said("drivers"), "1 usbip-host;0 usbip-host;"s);
        QCOMPARE(m_fake->attribute("2-1", "authorized"), "0"s);
    }

    /// Another keeper is killed while this export waits for its lock: what it had read of the device is not lost.
    void aBlockedDeviceStaysSoAcrossAKeeperThatIsKilled()
    {
        m_fake->addDevice("2-1", {{"authorized", "1"}}); // as the other needs it
        m_fake->giveToUsbipHost("2-1", 1);
        noteWhoIsAllowed();
        const Bell locked;
        const auto waiting = qrexec([&] { kill(static_cast<pid_t>(std::stoi(said("other"))), SIGKILL); });
        QVERIFY(waiting);
        Forked other([&] {
            auto own = LockTable::open(m_fake->paths());
            const auto lock = own->lock(exportLock("2-1"));
            ExportLease left = lease("personal", waiting->pid());
            left.blocked = true;
            if (!lock || !Leases(m_fake->paths()).save(left))
                return 2;
            FakeSysfs::putFile(m_fake->paths().run + "/other", std::to_string(getpid()));
            locked.ring();
            pause();
            return 1;
        });
        QVERIFY(locked.heard());
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
        QCOMPARE(waiting->wait(), 0);
        QCOMPARE(said("drivers"), "0 usbip-host;1 usbip-host;0 usbip-host;"s);
        QCOMPARE(m_fake->attribute("2-1", "authorized"), "0"s);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(!hasLease());
    }

    void unpluggedWhileItIsTaken()
    {
        m_fake->addDevice("2-1");
        m_fake->onWrite("bus/usb/drivers/usbip-host/bind", [&](const std::string &) {
            m_fake->unplug("2-1");
            return ENODEV;
        });
        QVERIFY(!run("2-1"));
    }

    void whatItTakesIsOnDiskBefore()
    {
        m_fake->addDevice("2-1", {{"authorized", "0"}});
        const auto kernel = m_fake->reaction("bus/usb/drivers/usb/unbind");
        m_fake->onWrite("bus/usb/drivers/usb/unbind", [&, kernel](const std::string &bytes) {
            const auto found = Leases(m_fake->paths()).find(*BusId::parse("2-1"));
            return found && found->blocked && found->driver == "usb" && found->frontend.text() == "work" ? kernel(bytes)
                                                                                                         : EPERM;
        });
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
        QVERIFY(!hasLease());
    }

    void noLeaseNoChange()
    {
        m_fake->addDevice("2-1");
        // A folder in its place: nothing can be renamed to it.
        std::filesystem::create_directories(m_fake->paths().state + "/2-1.export/x");
        std::filesystem::permissions(m_fake->paths().state, std::filesystem::perms::owner_all);
        VERIFY_FAILS(run("2-1"), Fault::System);
        QVERIFY(m_fake->written().empty());
    }

    void anotherProgramsDeviceIsLeftWithIt()
    {
        m_fake->addDevice("2-1");
        m_fake->setDriver("2-1", "usbip-host");
        m_fake->setUsbipStatus("2-1", 2);
        VERIFY_FAILS(run("2-1"), Fault::Busy); // 5 s
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
        QVERIFY(!hasLease());
    }

    void aDeviceThatCannotBeBlockedAgainStaysAway()
    {
        m_fake->addDevice("2-1", {{"authorized", "0"}});
        m_fake->onWrite(authorized, [&](const std::string &bytes) {
            if (bytes == "0")
                return EIO;
            m_fake->setAttribute("2-1", "authorized", bytes);
            return 0;
        });
        const auto peer = frontend();
        VERIFY_FAILS(run("2-1"), Fault::System);
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
        QVERIFY(hasLease());
        // The next process that looks, once it can be.
        m_fake->onWrite(authorized, [&](const std::string &bytes) {
            m_fake->setAttribute("2-1", "authorized", bytes);
            return 0;
        });
        auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(settleAbandoned(m_fake->paths(), *locks, Log(false), Deadline(patience)));
        QCOMPARE(m_fake->attribute("2-1", "authorized"), "0"s);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(!hasLease());
    }

    void aNetworkAdapterThatIsNeeded()
    {
        m_fake->addDevice("2-1");
        m_fake->put("devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/net/wwan0/address", "");
        FakeSysfs::putFile(m_fake->paths().proc + "/net/route",
                           "Iface\tDestination\tGateway\tFlags\nwwan0\t00000000\t0100A8C0\t0003\n");
        const auto refused = run("2-1");
        VERIFY_FAILS(refused, Fault::Unsuitable);
        QVERIFY(refused.error().text.find("wwan0") != std::string::npos);
        QVERIFY(m_fake->written().empty());
        FakeSysfs::putFile(m_fake->paths().services + "/usb-take-in-use", "");
        std::tie(m_socket, m_frontend) = socketPair();
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
    }

    void beforeSleepNothingIsTaken()
    {
        m_fake->addDevice("2-1");
        const auto locks = LockTable::open(m_fake->paths());
        const Hold hold(m_fake->paths());
        VERIFY_SUCCEEDS(hold.set(std::chrono::hours(1)));
        VERIFY_FAILS(run("2-1"), Fault::Busy);
        QVERIFY(m_fake->written().empty());
        hold.lift();
        std::tie(m_socket, m_frontend) = socketPair();
        const auto peer = frontend();
        VERIFY_SUCCEEDS(run("2-1"));
    }

    void aFrontendThatTakesNothingIsNotWaitedForLong()
    {
        m_fake->addDevice("2-1");
        // The buffer of the socket is full, as by the kernel's own words: the line does not fit.
        const std::string words(1 << 20, 'x');
        while (::send(m_socket.get(), words.data(), words.size(), MSG_DONTWAIT) > 0) {
        }
        VERIFY_FAILS(run("2-1"), Fault::Peer); // 5 s
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }
};

QTEST_GUILESS_MAIN(TestExporter)
#include "tst_exporter.moc"
