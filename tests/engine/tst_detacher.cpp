// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/stopsignal.h"
#include "base/waiting.h"
#include "commands/detacher.h"
#include "fakeprograms.h"
#include "fakesysfs.h"
#include "forked.h"
#include "kernel/vhci.h"
#include "processes/hold.h"
#include "processes/lease.h"
#include "qubes/statefile.h"
#include "show.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

using Outcome = Detacher::Outcome;

namespace {

constexpr const char *detachFile = "devices/platform/vhci_hcd.0/detach";
constexpr const char *usedPort = "006 003 00010002 000005 3-1";
constexpr std::uint32_t usedDevId = 0x10002;

} // namespace

/// Other processes hold the locks, as exports and imports do, and end in order at SIGTERM.
class TestDetacher : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    ImportKey m_key = *ImportKey::fromRequest("sys-usb 2-1");

    Result<Outcome> ask(const std::function<Result<Outcome>(const Detacher &)> &what) const
    {
        auto locks = LockTable::open(m_fake->paths());
        const StopSignal stop;
        const Log log(false);
        return what(Detacher(m_fake->paths(), *locks, stop, log));
    }
    Result<Outcome> detachExport(const std::string &spec) const
    {
        return ask([&](const Detacher &detacher) { return detacher.detachExport(*DeviceSpec::parse(spec)); });
    }
    Result<Outcome> detachImport() const
    {
        return ask([&](const Detacher &detacher) { return detacher.detachImport(m_key); });
    }
    Result<void> detachAll(std::chrono::milliseconds limit = patience) const
    {
        auto locks = LockTable::open(m_fake->paths());
        const StopSignal stop;
        const Log log(false);
        return Detacher(m_fake->paths(), *locks, stop, log).detachAll(limit);
    }

    /// Has the lock until it is told to stop, does `atEnd` then. Ends with 0; anything else is no orderly end.
    std::unique_ptr<Forked> holder(const std::string &lock, const std::function<void()> &atEnd) const
    {
        const Bell locked;
        auto process = std::make_unique<Forked>([&] {
            const StopSignal stop;
            auto own = LockTable::open(m_fake->paths());
            const auto held = own->lock(lock);
            locked.ring();
            std::vector<Watch> watches{{stop.fd()}};
            if (!held || !waitForAny(watches, Deadline(patience)))
                return 1;
            atEnd();
            return 0;
        });
        return locked.heard() ? std::move(process) : nullptr;
    }
    void leaveExported(const std::string &busid, int status = 1) const
    {
        m_fake->addDevice(busid);
        m_fake->giveToUsbipHost(busid, status);
    }
    std::string socketFile(const std::string &busid) const
    {
        return "devices/pci0000:00/0000:00:14.0/usb2/" + busid + "/usbip_sockfd";
    }
    /// The kernel ends the connection of a device at "-1".
    void letConnectionsEnd(const std::string &busid) const
    {
        m_fake->onWrite(socketFile(busid), [this, busid](const std::string &bytes) {
            if (bytes != "-1")
                return EINVAL;
            m_fake->setUsbipStatus(busid, 1);
            return 0;
        });
    }
    /// A keeper is the child of a relay, and that of its client.
    void isChildOf(pid_t keeper, pid_t client) const
    {
        const auto put = [&](pid_t pid, pid_t parent) {
            FakeSysfs::putFile(m_fake->paths().proc + '/' + std::to_string(pid) + "/status",
                               "Name:\tusb-keeper\nPid:\t1\nPPid:\t" + std::to_string(parent) + "\nUid:\t0\n");
        };
        const pid_t relay = 0x3ffffff0; // beyond all that there can be
        put(keeper, relay);
        put(relay, client);
    }
    void park() const { FakeSysfs::putFile(m_fake->paths().services + "/usb-park-on-detach", ""); }
    bool stateIsThere() const { return std::filesystem::exists(m_fake->paths().run + '/' + m_key.fileName()); }
    /// What an import that was killed leaves.
    void leaveImport(unsigned port = 0, const std::string &localBusid = "3-1", std::uint32_t devId = usedDevId) const
    {
        const auto folder = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(Leases(m_fake->paths()).save(ImportLease{m_key, port, localBusid, devId}));
        VERIFY_SUCCEEDS(StateFile(m_fake->paths(), m_key).write(port, localBusid));
    }
    bool leaseIsThere() const { return Leases(m_fake->paths()).find(m_key).has_value(); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->loadUsbipHost();
        m_fake->loadVhci();
        std::filesystem::create_directories(m_fake->paths().run);
    }
    void cleanup() { m_fake.reset(); }

    void whatIsNotAttachedIsDetached()
    {
        QVERIFY(*detachExport("2-1") == Outcome::WasNot); // no such device
        m_fake->addDevice("2-1");
        QVERIFY(*detachExport("2-1") == Outcome::WasNot);
        QVERIFY(*detachExport("0x46f4.0x0001") == Outcome::WasNot);
        QVERIFY(*detachImport() == Outcome::WasNot);
        VERIFY_SUCCEEDS(detachAll());
        QVERIFY(m_fake->written().empty());
    }

    // Exports.

    void anExportIsToldAndWaitedFor()
    {
        leaveExported("2-1", 2);
        const auto exporter = holder(exportLock("2-1"), [this] { m_fake->setDriver("2-1", "usb"); });
        QVERIFY(exporter);
        const auto done = detachExport("2-1");
        VERIFY_SUCCEEDS(done);
        QVERIFY(*done == Outcome::Detached);
        QCOMPARE(exporter->wait(0ms), 0); // it had ended, and in order
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->writtenTo("bus/usb/drivers/usbip-host/unbind").size(), std::size_t{0}); // not by us
    }

    /// It does what the detach is about to do.
    void whoSettlesItIsWaitedForAndNotTold_data()
    {
        QTest::addColumn<bool>("isImport");
        QTest::newRow("export") << false;
        QTest::newRow("import") << true;
    }
    void whoSettlesItIsWaitedForAndNotTold()
    {
        QFETCH(bool, isImport);
        leaveExported("2-1");
        const std::string lock = isImport ? importLock("sys-usb", "2-1") : exportLock("2-1");
        const Bell locked;
        Forked settler([&] {
            const StopSignal stop;
            auto own = LockTable::open(m_fake->paths());
            const auto settling = own->lock(settlingLock(lock));
            const auto held = own->lock(lock);
            if (!settling || !held || (isImport && !Leases(m_fake->paths()).save(ImportLease{m_key, 0, "3-1", 7})))
                return 2;
            locked.ring();
            std::vector<Watch> watches{{stop.fd()}};
            if (waitForAny(watches, Deadline(500ms))) // that long it has to do
                return 1;
            m_fake->setDriver("2-1", "usb");
            Leases(m_fake->paths()).remove(m_key);
            return 0;
        });
        QVERIFY(locked.heard());
        const auto done = isImport ? detachImport() : detachExport("2-1");
        VERIFY_SUCCEEDS(done);
        QCOMPARE(settler.wait(), 0);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QVERIFY(!leaseIsThere());
    }

    void toldToEndItWaitsForNobody()
    {
        leaveExported("2-1");
        const Bell locked;
        const Forked settler([&] {
            auto own = LockTable::open(m_fake->paths());
            const auto settling = own->lock(settlingLock(exportLock("2-1")));
            locked.ring();
            pause();
            return 0;
        });
        QVERIFY(locked.heard());
        const Bell begun;
        Forked detacher([&] {
            auto locks = LockTable::open(m_fake->paths());
            const StopSignal stop;
            const Log log(false);
            begun.ring();
            const auto done = Detacher(m_fake->paths(), *locks, stop, log).detachExport(*DeviceSpec::parse("2-1"));
            return done ? 100 : static_cast<int>(done.error().fault);
        });
        QVERIFY(begun.heard());
        ::kill(detacher.pid(), SIGTERM);
        QCOMPARE(detacher.wait(), static_cast<int>(Fault::Cancelled));
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void whatOthersLeftIsDoneAfterIt()
    {
        for (const char *busid : {"2-1", "2-2"})
            leaveExported(busid);
        const auto folder = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(
            Leases(m_fake->paths())
                .save(ExportLease{*BusId::parse("2-1"), *QubeName::parse("work"), "", "usb", false, false, 0}));
        VERIFY_SUCCEEDS(detachExport("2-2"));
        QCOMPARE(m_fake->writtenTo("bus/usb/drivers/usbip-host/unbind"), (std::vector{"2-2"s, "2-1"s}));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
    }

    void anotherDevicesExportIsLeftAlone()
    {
        leaveExported("2-1");
        leaveExported("2-2", 2);
        const auto other = holder(exportLock("2-2"), [] {});
        QVERIFY(other);
        VERIFY_SUCCEEDS(detachExport("2-1"));
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->driver("2-2"), "usbip-host"s);
        QCOMPARE(other->wait(0ms), -1);
    }

    void anExportLeftBehindIsGivenBack_data()
    {
        QTest::addColumn<int>("status");
        QTest::newRow("available") << 1;
        QTest::newRow("used") << 2;
        QTest::newRow("in the error state") << 3;
    }
    void anExportLeftBehindIsGivenBack()
    {
        QFETCH(int, status);
        const FakePrograms programs(m_fake->paths());
        programs.install("qubesdb-rm");
        programs.install("qubesdb-write");
        leaveExported("2-1", status);
        letConnectionsEnd("2-1");
        const auto done = detachExport("2-1");
        VERIFY_SUCCEEDS(done);
        QVERIFY(*done == Outcome::Detached);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        // The last resort is for what is in use, and for nothing else.
        QCOMPARE(m_fake->writtenTo(socketFile("2-1")), status == 2 ? std::vector{"-1"s} : std::vector<std::string>{});
        // dom0 is told that nobody has it.
        QCOMPARE(programs.calls().front(),
                 (std::vector{"qubesdb-rm"s, "/qubes-usb-devices/2-1/connected-to"s, "/qubes-usb-devices/2-1/x-pid"s}));
    }

    void aConnectionThatCannotBeEndedIsAFailure()
    {
        leaveExported("2-1", 2);
        m_fake->onWrite(socketFile("2-1"), [](const std::string &) { return EIO; });
        const auto done = detachExport("2-1");
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(done.error().text.find("stuck") != std::string::npos);
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void aParkedDeviceIsDetachedAlready()
    {
        park();
        leaveExported("2-1", 1);
        QVERIFY(*detachExport("2-1") == Outcome::WasNot);
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
    }

    void parkedWhereThatIsSet()
    {
        park();
        leaveExported("2-1", 2);
        letConnectionsEnd("2-1");
        QVERIFY(*detachExport("2-1") == Outcome::Detached);
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
        QCOMPARE(m_fake->attribute("2-1", "usbip_status"), "1"s);
    }

    void ofEqualDevicesTheExportedOneIsMeant()
    {
        m_fake->addDevice("2-1");
        leaveExported("2-2");
        QVERIFY(*detachExport("0x46f4.0x0001") == Outcome::Detached);
        QCOMPARE(m_fake->driver("2-2"), "usb"s);
    }

    void ofTwoExportedNoneIsMeant()
    {
        leaveExported("2-1");
        leaveExported("2-2");
        const auto done = detachExport("0x46f4.0x0001");
        VERIFY_FAILS(done, Fault::NotFound);
        QVERIFY(done.error().text.starts_with("2 "));
        QCOMPARE(m_fake->driver("2-1"), "usbip-host"s);
        QCOMPARE(m_fake->driver("2-2"), "usbip-host"s);
    }

    // Imports.

    void anImportIsToldAndWaitedForAndSoIsItsClient()
    {
        const Bell ended;
        const auto client = std::make_unique<Forked>([&] {
            // As qrexec-client-vm does while the backend takes its device back.
            if (!ended.heard())
                return 1;
            poll(nullptr, 0, 200); // what that takes
            return 0;
        });
        const auto importer = holder(importLock("sys-usb", "2-1"), [&] { ended.ring(); });
        QVERIFY(importer);
        isChildOf(importer->pid(), client->pid());
        const auto done = detachImport();
        VERIFY_SUCCEEDS(done);
        QVERIFY(*done == Outcome::Detached);
        QCOMPARE(importer->wait(0ms), 0);
        QCOMPARE(client->wait(0ms), 0);
    }

    void aClientThatHangsIsNoFailure()
    {
        const Forked client([] {
            pause();
            return 0;
        });
        const auto importer = holder(importLock("sys-usb", "2-1"), [] {});
        QVERIFY(importer);
        isChildOf(importer->pid(), client.pid());
        QVERIFY(*detachImport() == Outcome::Detached);
        QCOMPARE(importer->wait(0ms), 0);
    }

    void anotherBackendsImportIsLeftAlone()
    {
        const auto other = holder(importLock("sys-usb-2", "2-1"), [] {});
        QVERIFY(other);
        QVERIFY(*detachImport() == Outcome::WasNot);
        QCOMPARE(other->wait(0ms), -1);
    }

    void anImportLeftBehind_data()
    {
        QTest::addColumn<QByteArray>("port");
        QTest::addColumn<QByteArray>("local");
        QTest::addColumn<unsigned>("devId");
        QTest::addColumn<unsigned>("number");
        QTest::addColumn<bool>("isEnded");
        const QByteArray used(usedPort);
        QTest::newRow("ours") << used << QByteArray("3-1") << 65538U << 0U << true;
        QTest::newRow("being enumerated")
            << QByteArray("005 000 00000000 000000 0-0") << QByteArray("3-1") << 65538U << 0U << true;
        QTest::newRow("in the error state")
            << QByteArray("007 000 00000000 000000 0-0") << QByteArray("3-1") << 65538U << 0U << true;
        QTest::newRow("another device's") << used << QByteArray("3-1") << 65539U << 0U << false;
        QTest::newRow("another place's") << used << QByteArray("3-2") << 65538U << 0U << false;
        QTest::newRow("free") << QByteArray("004 000 00000000 000000 0-0") << QByteArray("3-1") << 65538U << 0U
                              << false;
        QTest::newRow("no such port") << used << QByteArray("3-1") << 65538U << 77U << false;
    }
    void anImportLeftBehind()
    {
        QFETCH(QByteArray, port);
        QFETCH(QByteArray, local);
        QFETCH(unsigned, devId);
        QFETCH(unsigned, number);
        QFETCH(bool, isEnded);
        m_fake->setPort(0, bytesOf(port));
        leaveImport(number, bytesOf(local), devId);
        VERIFY_SUCCEEDS(detachImport());
        QCOMPARE(m_fake->writtenTo(detachFile), isEnded ? std::vector{"0"s} : std::vector<std::string>{});
        QVERIFY(!stateIsThere());
        QVERIFY(!leaseIsThere());
    }

    /// The device is unplugged while somebody detaches it: its keeper has settled and gone by the time it is looked
    /// for.
    void anImportThatEndsByItselfMeanwhile()
    {
        m_fake->setPort(0, usedPort);
        leaveImport();
        const std::string path = m_fake->paths().state + '/' + m_key.text() + ".import";
        const std::string lease = ImportLease{m_key, 0, "3-1", usedDevId}.text();
        const auto keeper = holder(importLock("sys-usb", "2-1"), [] {});
        QVERIFY(keeper);
        // Who reads the lease gets all of it when the keeper has gone.
        std::filesystem::remove(path);
        QCOMPARE(mkfifo(path.c_str(), 0600), 0);
        std::thread end([&] {
            const UniqueFd pipe(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
            m_fake->setPort(0, "004 000 00000000 000000 0-0");
            StateFile(m_fake->paths(), m_key).remove();
            std::filesystem::remove(path);
            kill(keeper->pid(), SIGTERM);
            keeper->wait();
            static_cast<void>(write(pipe.get(), lease.data(), lease.size()) == 0);
        });
        const auto done = detachImport();
        end.join();
        VERIFY_SUCCEEDS(done);
        QVERIFY(*done == Outcome::Detached);
        QVERIFY(m_fake->writtenTo(detachFile).empty());
    }

    /// Others may write there: what such a file says moves nothing, and one that cannot be read holds nobody up.
    void aStateFileIsNotBelieved_data()
    {
        QTest::addColumn<QByteArray>("kind");
        for (const char *kind : {"a port", "nonsense", "a pipe"})
            QTest::newRow(kind) << QByteArray(kind);
    }
    void aStateFileIsNotBelieved()
    {
        QFETCH(QByteArray, kind);
        const std::string path = m_fake->paths().run + '/' + m_key.fileName();
        m_fake->setPort(0, usedPort);
        if (kind == "a pipe")
            QCOMPARE(mkfifo(path.c_str(), 0600), 0);
        else
            FakeSysfs::putFile(path, kind == "a port" ? "0\n3-1 65538\n" : "\xff\n");
        QVERIFY(*detachImport() == Outcome::WasNot);
        QVERIFY(m_fake->written().empty());
        QVERIFY(!stateIsThere());
    }

    /// usb-import of qubes-usb-proxy: no lock, no lease, but its qrexec-client-vm.
    void anImportOfOldScripts()
    {
        const Bell told;
        Forked client([&] {
            const StopSignal stop;
            told.ring();
            std::vector<Watch> watches{{stop.fd()}};
            return waitForAny(watches, Deadline(patience)) ? 0 : 1;
        });
        QVERIFY(told.heard());
        const std::string folder = m_fake->paths().proc + '/' + std::to_string(client.pid());
        FakeSysfs::putFile(m_fake->paths().run + '/' + m_key.fileName(), "0\n");
        FakeSysfs::putFile(folder + "/cmdline",
                           "qrexec-client-vm\0--\0sys-usb\0qubes.USB+2-11\0/usr/lib/usb-import\0"s);
        QVERIFY(*detachImport() == Outcome::WasNot); // another device's
        FakeSysfs::putFile(folder + "/cmdline", "qrexec-client-vm\0sys-usb-2\0qubes.USB+2-1\0/usr/lib/usb-import\0"s);
        QVERIFY(*detachImport() == Outcome::WasNot); // another backend's
        FakeSysfs::putFile(folder + "/cmdline", "/usr/bin/vim\0sys-usb\0qubes.USB+2-1\0"s);
        QVERIFY(*detachImport() == Outcome::WasNot);
        QCOMPARE(client.wait(0ms), -1);
        FakeSysfs::putFile(folder + "/cmdline", "qrexec-client-vm\0sys-usb\0qubes.USB+2-1\0/usr/lib/usb-import\0"s);
        QVERIFY(*detachImport() == Outcome::Detached);
        QCOMPARE(client.wait(0ms), 0);
        QVERIFY(!stateIsThere());
    }

    void theOtherNameOfADevice()
    {
        // Attached as 0xVVVV.0xPPPP; only the backend knows that this is 2-1.
        const auto folder = LockTable::open(m_fake->paths());
        const ImportKey byIds = *ImportKey::fromRequest("sys-usb 0x46f4.0x0001");
        m_fake->setPort(0, usedPort);
        VERIFY_SUCCEEDS(Leases(m_fake->paths()).save(ImportLease{byIds, 0, "3-1", usedDevId}));
        const auto importer = holder(importLock("sys-usb", "0x46f4.0x0001"), [] {});
        QVERIFY(importer);
        const auto done = detachImport();
        VERIFY_FAILS(done, Fault::NotFound);
        QVERIFY2(done.error().text.find("sys-usb:0x46f4.0x0001") != std::string::npos, done.error().text.c_str());
        QVERIFY(m_fake->written().empty());
    }

    void aKeeperThatWentWithoutItsDevice()
    {
        m_fake->setPort(0, usedPort);
        leaveImport();
        const auto importer = holder(importLock("sys-usb", "2-1"), [] {});
        QVERIFY(importer);
        QVERIFY(*detachImport() == Outcome::Detached);
        QCOMPARE(m_fake->writtenTo(detachFile), std::vector{"0"s});
        QVERIFY(!leaseIsThere());
    }

    void anImportLeftBehindIsOverWhenItsDeviceHasGone()
    {
        m_fake->addImported("3-1");
        m_fake->setPort(0, usedPort);
        leaveImport();
        const auto kernel = m_fake->reaction(detachFile);
        std::thread gone;
        m_fake->onWrite(detachFile, [&](const std::string &bytes) {
            gone = std::thread([this] {
                poll(nullptr, 0, 100); // what takes the kernel a while
                m_fake->unplug("3-1");
            });
            return kernel(bytes);
        });
        const auto done = detachImport();
        const bool wasThere = std::filesystem::exists(m_fake->paths().usbDevices() + "/3-1");
        gone.join();
        VERIFY_SUCCEEDS(done);
        QVERIFY(!wasThere);
    }

    void aDetachThatTheKernelRefusesKeepsTheState()
    {
        m_fake->setPort(0, usedPort);
        leaveImport();
        m_fake->onWrite(detachFile, [](const std::string &) { return EIO; });
        const auto done = detachImport();
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(leaseIsThere());
    }

    // All.

    void allOfBoth()
    {
        leaveExported("2-1", 2);
        leaveExported("2-2", 1);
        m_fake->setPort(0, usedPort);                      // an import that runs
        m_fake->setPort(1, "006 003 00010003 000006 3-2"); // nobody's
        leaveImport();
        const auto exporter = holder(exportLock("2-1"), [this] { m_fake->setDriver("2-1", "usb"); });
        const auto importer = holder(importLock("sys-usb", "2-1"), [this] { Leases(m_fake->paths()).remove(m_key); });
        QVERIFY(exporter && importer);
        VERIFY_SUCCEEDS(detachAll());
        // Both were told at once; who had let go of its lock when its turn came was not waited for to its last step.
        QCOMPARE(exporter->wait(patience), 0);
        QCOMPARE(importer->wait(patience), 0);
        QCOMPARE(m_fake->driver("2-1"), "usb"s);
        QCOMPARE(m_fake->driver("2-2"), "usb"s);
        const auto ports = Vhci(m_fake->paths()).ports();
        VERIFY_SUCCEEDS(ports);
        for (const VhciPort &port : *ports)
            QVERIFY(port.state == VhciPort::State::Free);
    }

    void whoIsStillOnItsWayIsStoppedAndNobodyComesAfter()
    {
        // An import that waits for its backend has a lock, and nothing else.
        const auto importer = holder(importLock("sys-usb", "2-7"), [] {});
        QVERIFY(importer);
        VERIFY_SUCCEEDS(detachAll());
        QCOMPARE(importer->wait(0ms), 0);
        VERIFY_FAILS(Hold(m_fake->paths()).check(), Fault::Busy);
        auto locks = LockTable::open(m_fake->paths());
        const StopSignal stop;
        const Log log(false);
        VERIFY_SUCCEEDS(Detacher(m_fake->paths(), *locks, stop, log).resume());
        VERIFY_SUCCEEDS(Hold(m_fake->paths()).check());
    }

    void itEndsWhateverIsPlanted()
    {
        const std::string pipe = m_fake->paths().run + "/usb-import-sys-usb-2-1.state";
        QCOMPARE(mkfifo(pipe.c_str(), 0600), 0);
        VERIFY_SUCCEEDS(detachAll());
    }

    void itEndsWhenToldTo()
    {
        m_fake->setPort(1, "006 003 00010003 000006 3-2");
        m_fake->onWrite(detachFile, [](const std::string &) { return 0; }); // and nothing comes of it
        Forked detacher([this] {
            const auto done = detachAll();
            return done ? 100 : static_cast<int>(done.error().fault);
        });
        QVERIFY(becomesTrue([this] { return !m_fake->writtenTo(detachFile).empty(); }));
        ::kill(detacher.pid(), SIGTERM);
        QCOMPARE(detacher.wait(), static_cast<int>(Fault::Cancelled));
    }

    void whatFailsOnceAndIsGoneThenIsNoFailure()
    {
        m_fake->setPort(0, usedPort);
        leaveImport();
        const auto kernel = m_fake->reaction(detachFile);
        const std::string once = m_fake->paths().root + "/once";
        m_fake->onWrite(detachFile, [kernel, once](const std::string &bytes) {
            if (std::filesystem::exists(once))
                return kernel(bytes);
            FakeSysfs::putFile(once, "");
            return EIO;
        });
        VERIFY_SUCCEEDS(detachAll());
        QVERIFY(!leaseIsThere());
    }

    void whatIsLeftIsNamed()
    {
        leaveExported("2-1", 2);
        m_fake->onWrite(socketFile("2-1"), [](const std::string &) { return EIO; });
        m_fake->setPort(1, "006 003 00010003 000006 3-2");
        m_fake->onWrite(detachFile, [](const std::string &) { return 0; });
        const auto done = detachAll(std::chrono::milliseconds(200));
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(done.error().text.starts_with("still attached: 2-1, 3-2 (2-1: "));
    }
};

QTEST_GUILESS_MAIN(TestDetacher)
#include "tst_detacher.moc"
