// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeprograms.h"
#include "forked.h"
#include "qubes/usbguard.h"
#include "show.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sys/wait.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Calls = std::vector<std::vector<std::string>>;

namespace {

constexpr const char *authorized = "devices/pci0000:00/0000:00:14.0/usb2/2-1.4/authorized";

} // namespace

class TestUsbguard : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakePrograms> m_programs;

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), *BusId::parse("2-1.4"))); }
    Result<void> allowIt() const { return allow(m_fake->paths(), device(), Deadline(patience)); }
    Result<void> blockIt() const { return block(m_fake->paths(), device(), Deadline(patience)); }
    std::string state() const { return m_fake->attribute("2-1.4", "authorized"); }
    void setState(const char *state) const { m_fake->setAttribute("2-1.4", "authorized", state); }
    /// A usbguard that does what it is told.
    void installGuard() const
    {
        const std::string file = m_fake->sys(authorized);
        m_programs->install("usbguard",
                            "case $1 in allow-device) echo 1;; block-device) echo 0;; esac >\"" + file + '"');
    }
    /// The kernel takes what is written, and nothing comes of it.
    void ignoreWrites() const
    {
        m_fake->onWrite(authorized, [](const std::string &) { return 0; });
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_programs = std::make_unique<FakePrograms>(m_fake->paths());
        m_fake->addDevice("2-1.4", {{"authorized", "0"}});
    }
    void cleanup() { m_fake.reset(); }

    void usbguardIsAskedWhereItIs()
    {
        installGuard();
        VERIFY_SUCCEEDS(allowIt());
        QCOMPARE(state(), "1"s);
        VERIFY_SUCCEEDS(blockIt());
        QCOMPARE(state(), "0"s);
        QCOMPARE(m_programs->calls(), (Calls{{"usbguard", "allow-device", "via-port \"2-1.4\""},
                                             {"usbguard", "block-device", "via-port \"2-1.4\""}}));
        QVERIFY(m_fake->written().empty());
    }

    void directlyWhereItIsNotOrDoesNothing_data()
    {
        QTest::addColumn<QByteArray>("guard");
        QTest::newRow("no usbguard") << QByteArray();
        QTest::newRow("usbguard fails") << QByteArray("exit 1");
        QTest::newRow("usbguard does nothing") << QByteArray("exit 0");
    }
    void directlyWhereItIsNotOrDoesNothing()
    {
        QFETCH(QByteArray, guard);
        if (!guard.isEmpty())
            m_programs->install("usbguard", bytesOf(guard));
        VERIFY_SUCCEEDS(allowIt());
        QCOMPARE(state(), "1"s);
        VERIFY_SUCCEEDS(blockIt());
        QCOMPARE(state(), "0"s);
        QCOMPARE(m_fake->writtenTo(authorized), (std::vector{"1"s, "0"s}));
    }

    void whatIsSoAlreadyIsNotWrittenAgain()
    {
        VERIFY_SUCCEEDS(blockIt());
        setState("1");
        VERIFY_SUCCEEDS(allowIt());
        QVERIFY(m_fake->written().empty());
    }

    void aGuardThatHangsIsNotWaitedForBeyondTheDeadline()
    {
        m_programs->install("usbguard", "exec sleep 100");
        const auto before = std::chrono::steady_clock::now();
        // Half of it for usbguard, the other half for the kernel.
        VERIFY_SUCCEEDS(allow(m_fake->paths(), device(), Deadline(4s)));
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
        QCOMPARE(state(), "1"s);
    }

    void whatStaysBlockedIsSaid()
    {
        ignoreWrites();
        const auto done = allowIt();
        VERIFY_FAILS(done, Fault::Unsuitable);
        QVERIFY(done.error().text.find("2-1.4 is blocked") != std::string::npos);
    }

    void whatStaysAllowedIsSaid()
    {
        setState("1");
        ignoreWrites();
        const auto done = blockIt();
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(done.error().text.find("2-1.4 was blocked in this qube before and cannot be blocked again") !=
                std::string::npos);
    }

    void aRefusalOfTheKernelIsKept()
    {
        m_fake->onWrite(authorized, [](const std::string &) { return EPERM; });
        VERIFY_FAILS(allowIt(), Fault::System);
        QCOMPARE(allowIt().error().number, EPERM);
        setState("1");
        VERIFY_FAILS(blockIt(), Fault::System);
        QCOMPARE(blockIt().error().number, EPERM);
    }

    void aKernelThatDoesNotComeBackIsGivenUp()
    {
        setState("1");
        const std::string mayEnd = m_fake->paths().root + "/may-end";
        m_fake->onWrite(authorized, [&](const std::string &) {
            becomesTrue([&] { return std::filesystem::exists(mayEnd); });
            return 0;
        });
        VERIFY_FAILS(block(m_fake->paths(), device(), Deadline(50ms)), Fault::Timeout);
        FakeSysfs::putFile(mayEnd, "");
        QVERIFY(becomesTrue([] { return waitpid(-1, nullptr, WNOHANG) > 0; })); // its process
    }

    void aDeviceThatGoesNeedsNotBeBlocked()
    {
        setState("1");
        m_fake->onWrite(authorized, [this](const std::string &) {
            m_fake->unplug("2-1.4");
            return 0;
        });
        VERIFY_SUCCEEDS(blockIt());
    }

    void anotherDeviceInItsPlaceIsNotTouched()
    {
        const UsbDevice old = device();
        m_fake->unplug("2-1.4");
        m_fake->addDevice("2-1.4", {{"authorized", "1"}});
        VERIFY_FAILS(block(m_fake->paths(), old, Deadline(patience)), Fault::System);
        QCOMPARE(state(), "1"s);
    }
};

QTEST_APPLESS_MAIN(TestUsbguard)
#include "tst_usbguard.moc"
