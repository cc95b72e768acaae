// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/lease.h"

#include "base/locktable.h"
#include "fakesysfs.h"
#include "show.h"

#include <filesystem>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;

class TestLease : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    std::string file(const std::string &name) const { return m_fake->paths().state + '/' + name; }
    static ExportLease exported(const std::string &busid = "2-1")
    {
        return {*BusId::parse(busid), *QubeName::parse("work"), "46f4:0001 a serial", "usb", true, false, 1234};
    }
    static ImportLease imported(const std::string &request = "sys-usb 2-1")
    {
        return {*ImportKey::fromRequest(request), 17, "4-3", 0x20003};
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        VERIFY_SUCCEEDS(LockTable::open(m_fake->paths()));
    }
    void cleanup() { m_fake.reset(); }

    void ofAnExport()
    {
        const Leases leases(m_fake->paths());
        QVERIFY(!leases.find(exported().busid));
        VERIFY_SUCCEEDS(leases.save(exported()));
        const auto found = leases.find(exported().busid);
        QVERIFY(found);
        QCOMPARE(found->frontend.text(), "work"s);
        QCOMPARE(found->device, "46f4:0001 a serial"s);
        QCOMPARE(found->driver, "usb"s);
        QVERIFY(found->blocked && !found->park);
        QCOMPARE(found->agent, 1234);
        QCOMPARE(found->text(), exported().text());
        leases.remove(exported().busid);
        QVERIFY(!leases.find(exported().busid));
    }

    void ofAnImport()
    {
        const Leases leases(m_fake->paths());
        VERIFY_SUCCEEDS(leases.save(imported()));
        const auto found = leases.find(imported().key);
        QVERIFY(found);
        QCOMPARE(found->text(), imported().text());
        leases.remove(imported().key);
        QVERIFY(!leases.find(imported().key));
    }

    void allAreListedAndTheBeginningOfOneToo()
    {
        const Leases leases(m_fake->paths());
        VERIFY_SUCCEEDS(leases.save(exported("2-1")));
        VERIFY_SUCCEEDS(leases.save(exported("1-1.4")));
        VERIFY_SUCCEEDS(leases.save(imported("sys-usb 2-1")));
        VERIFY_SUCCEEDS(leases.save(imported("sys-usb 0x46f4.0x0001")));
        // Its process was killed before it was whole.
        FakeSysfs::putFile(file("2-3.export.new"), "lease exp");
        FakeSysfs::putFile(file("a-b:2-3.import.new"), "");
        // Not ours.
        FakeSysfs::putFile(file("..export"), "");
        FakeSysfs::putFile(file("x.import"), "");
        std::string names;
        for (const BusId &busid : leases.exports())
            names += busid.text() + ' ';
        for (const ImportKey &key : leases.imports())
            names += key.text() + ' ';
        QCOMPARE(names, "1-1.4 2-1 2-3 a-b:2-3 sys-usb:0x46f4.0x0001 sys-usb:2-1 "s);
        QVERIFY(!leases.find(*BusId::parse("2-3")));
        leases.remove(*BusId::parse("2-3"));
        QVERIFY(!std::filesystem::exists(file("2-3.export.new")));
    }

    void onlyRootReadsThem()
    {
        VERIFY_SUCCEEDS(Leases(m_fake->paths()).save(exported()));
        struct stat info
        {
        };
        QCOMPARE(stat(file("2-1.export").c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0600U);
    }

    void whatIsNoLease_data()
    {
        QTest::addColumn<QByteArray>("text");
        const std::string good = exported().text();
        const auto row = [](const char *name, const std::string &text) {
            QTest::newRow(name) << QByteArray::fromStdString(text);
        };
        row("empty", "");
        row("cut", good.substr(0, good.size() - 1));
        row("half", good.substr(0, good.size() / 2));
        row("a line less", good.substr(0, good.rfind('\n', good.size() - 2) + 1));
        row("a line twice", good + "park 1\n");
        row("another kind", imported().text());
        std::string path = good;
        row("a path for a driver", path.replace(path.find("driver usb"), 10, "driver ../x"));
    }
    void whatIsNoLease()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!ExportLease::parse(bytesOf(text)));
    }

    /// What cannot be read may be a lease all the same, and "blocked" would be lost with it.
    void onlyAnUnfinishedOneMayGo()
    {
        const Leases leases(m_fake->paths());
        const BusId busid = *BusId::parse("2-1");
        FakeSysfs::putFile(file("2-1.export.new"), "lease exp");
        QVERIFY(leases.isUnfinished(busid));
        FakeSysfs::putFile(file("2-1.export"), "lease exp");
        QVERIFY(leases.isUnfinished(busid));
        VERIFY_SUCCEEDS(leases.save(exported()));
        QVERIFY(!leases.isUnfinished(busid));
        leases.remove(busid);
        std::filesystem::create_directories(file("2-1.export")); // there, and nobody can read it
        QVERIFY(!leases.isUnfinished(busid));
        std::filesystem::create_directories(file("sys-usb:2-1.import"));
        QVERIFY(!leases.isUnfinished(imported().key));
    }

    void whatCannotBeWrittenLeavesNothing()
    {
        std::filesystem::create_directories(file("2-1.export/x"));
        VERIFY_FAILS(Leases(m_fake->paths()).save(exported()), Fault::System);
        QVERIFY(!std::filesystem::exists(file("2-1.export.new")));
    }
};

QTEST_GUILESS_MAIN(TestLease)
#include "tst_lease.moc"
