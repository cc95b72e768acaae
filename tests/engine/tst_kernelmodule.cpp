// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeprograms.h"
#include "forked.h"
#include "kernel/kernelmodule.h"
#include "show.h"

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Calls = std::vector<std::vector<std::string>>;

class TestKernelModule : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakePrograms> m_programs;

    std::string evidence() const { return m_fake->sys("bus/usb/drivers/usbip-host/match_busid"); }
    Result<void> load(Deadline deadline = Deadline(patience)) const
    {
        return loadModule(m_fake->paths(), "usbip_host", evidence(), deadline);
    }
    bool available() const { return moduleAvailable(m_fake->paths(), "usbip_host", evidence()); }
    std::string initState() const { return m_fake->sys("module/usbip_host/initstate"); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_programs = std::make_unique<FakePrograms>(m_fake->paths());
    }
    void cleanup() { m_fake.reset(); }

    void oneThatIsThereIsLeftAlone()
    {
        m_programs->install("modprobe");
        m_fake->loadUsbipHost();
        VERIFY_SUCCEEDS(load());
        QVERIFY(available());
        QVERIFY(m_programs->calls().empty());
    }

    void oneThatIsBuiltInHasNoState()
    {
        FakeSysfs::putFile(evidence(), "");
        VERIFY_SUCCEEDS(load());
        QVERIFY(available());
    }

    void modprobeLoadsIt()
    {
        m_programs->install("modprobe", "mkdir -p \"" + evidence() + "\"");
        VERIFY_SUCCEEDS(load());
        QCOMPARE(m_programs->calls(), (Calls{{"modprobe", "usbip_host"}}));
    }

    void itsFilesAreThereBeforeItCanServeThem()
    {
        // Another process loads it at this moment; modprobe waits for that.
        FakeSysfs::putFile(evidence(), "");
        m_fake->setModuleState("usbip_host", "coming");
        m_programs->install("modprobe", "echo live >\"" + initState() + '"');
        VERIFY_SUCCEEDS(load());
        QCOMPARE(m_programs->calls(), (Calls{{"modprobe", "usbip_host"}}));
    }

    void oneThatNeverStartsIsNotThere()
    {
        FakeSysfs::putFile(evidence(), "");
        m_fake->setModuleState("usbip_host", "coming");
        m_programs->install("modprobe");
        VERIFY_FAILS(load(), Fault::Missing);
    }

    void withoutItTheErrorSaysWhereItCouldComeFrom()
    {
        m_programs->install("modprobe", "exit 1");
        const auto done = load();
        VERIFY_FAILS(done, Fault::Missing);
        QVERIFY(done.error().text.find("kernel-modules-extra") != std::string::npos);
        QVERIFY(!available());
    }

    void withoutModprobe()
    {
        VERIFY_FAILS(load(), Fault::Missing);
        QVERIFY(!available());
    }

    void oneThatIsNotLoadedInTimeIsNotThere()
    {
        m_programs->install("modprobe", "exec sleep 100");
        const auto before = std::chrono::steady_clock::now();
        const auto done = load(Deadline(200ms));
        VERIFY_FAILS(done, Fault::Missing);
        QVERIFY(done.error().text.find("in time") != std::string::npos);
        QVERIFY(std::chrono::steady_clock::now() - before < patience);
    }

    void availableMeansModprobeKnowsItAndLoadsNothing()
    {
        m_programs->install("modprobe");
        QVERIFY(available());
        QCOMPARE(m_programs->calls(), (Calls{{"modprobe", "--dry-run", "--quiet", "usbip_host"}}));
    }
};

QTEST_APPLESS_MAIN(TestKernelModule)
#include "tst_kernelmodule.moc"
