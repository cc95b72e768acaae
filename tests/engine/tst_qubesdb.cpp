// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeprograms.h"
#include "forked.h"
#include "qubes/qubesdb.h"
#include "show.h"

#include <cstdlib>

using namespace engine;
using namespace std::string_literals;
using Calls = std::vector<std::vector<std::string>>;

class TestQubesDb : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakePrograms> m_programs;
    const QubesDb::Device m_stick{"46f4:0001 QEMU USB_HARDDRIVE 1", "2", ":080650:"};

    QubesDb db() const { return QubesDb(m_fake->paths()); }
    void install(const std::string &script = "exit 0")
    {
        m_programs->install("qubesdb-write", script);
        m_programs->install("qubesdb-rm", script);
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_programs = std::make_unique<FakePrograms>(m_fake->paths());
    }
    void cleanup() { m_fake.reset(); }

    void aDeviceIsAFolderWithoutDots()
    {
        install();
        VERIFY_SUCCEEDS(db().publish(*BusId::parse("2-1.4"), m_stick));
        // All of it in one call, and the folder that dom0 watches at its end.
        QCOMPARE(m_programs->calls(),
                 (Calls{{"qubesdb-write", "/qubes-usb-devices/2-1_4/desc", "46f4:0001 QEMU USB_HARDDRIVE 1",
                         "/qubes-usb-devices/2-1_4/usb-ver", "2", "/qubes-usb-devices/2-1_4/interfaces",
                         ":080650:", "/qubes-usb-devices", ""}}));
    }

    void oneThatIsGone()
    {
        install();
        VERIFY_SUCCEEDS(db().withdraw(*BusId::parse("2-1.4")));
        QCOMPARE(m_programs->calls(),
                 (Calls{{"qubesdb-rm", "/qubes-usb-devices/2-1_4/"}, {"qubesdb-write", "/qubes-usb-devices", ""}}));
    }

    void whoHasIt()
    {
        install();
        VERIFY_SUCCEEDS(db().setConnected(*BusId::parse("2-1"), *QubeName::parse("work"), 1234));
        QCOMPARE(m_programs->calls(), (Calls{{"qubesdb-write", "/qubes-usb-devices/2-1/connected-to", "work",
                                              "/qubes-usb-devices/2-1/x-pid", "1234", "/qubes-usb-devices", ""}}));
    }

    void aStubDomainStandsForItsQube()
    {
        install();
        VERIFY_SUCCEEDS(db().setConnected(*BusId::parse("2-1"), *QubeName::parse("windows-dm"), 1));
        QCOMPARE(m_programs->calls().front()[2], "windows"s);
    }

    void nobodyHasItAnyMore()
    {
        install();
        VERIFY_SUCCEEDS(db().clearConnected(*BusId::parse("2-1"), Deadline(patience)));
        QCOMPARE(m_programs->calls(),
                 (Calls{{"qubesdb-rm", "/qubes-usb-devices/2-1/connected-to", "/qubes-usb-devices/2-1/x-pid"},
                        {"qubesdb-write", "/qubes-usb-devices", ""}}));
    }

    void whatIsRemovedNeedNotBeThere()
    {
        install();
        m_programs->install("qubesdb-rm", "exit 1");
        VERIFY_SUCCEEDS(db().withdraw(*BusId::parse("2-1")));
        VERIFY_SUCCEEDS(db().clearConnected(*BusId::parse("2-1"), Deadline(patience)));
    }

    void valuesHaveAnEnd()
    {
        install();
        VERIFY_SUCCEEDS(db().publish(*BusId::parse("2-1"), {std::string(5000, 'x'), "2", ""}));
        QCOMPARE(m_programs->calls().front()[2].size(), QubesDb::maxValue);
    }

    void theDeepestBusidHasAPath()
    {
        install();
        const auto deep = BusId::parse("255-15.15.15.15.15.15");
        QVERIFY(deep);
        VERIFY_SUCCEEDS(db().setConnected(*deep, *QubeName::parse("work"), 1));
    }

    void failureIsTold()
    {
        install("exit 3");
        const auto done = db().publish(*BusId::parse("2-1"), m_stick);
        VERIFY_FAILS(done, Fault::System);
        QVERIFY(done.error().text.find("qubesdb-write failed") != std::string::npos);
    }

    void notOnQubes()
    {
        VERIFY_SUCCEEDS(db().publish(*BusId::parse("2-1"), m_stick));
        VERIFY_SUCCEEDS(db().withdraw(*BusId::parse("2-1")));
    }
};

QTEST_APPLESS_MAIN(TestQubesDb)
#include "tst_qubesdb.moc"
