// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/locktable.h"
#include "commands/overview.h"
#include "fakesysfs.h"
#include "processes/lease.h"
#include "show.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <filesystem>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;

class TestOverview : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    std::vector<DeviceRow> rows(bool withHubs = false) const { return deviceRows(m_fake->paths(), withHubs); }
    /// A program that has the device itself open.
    void addUser(const std::string &busid, const std::string &pid, const std::string &name) const
    {
        FakeSysfs::putFile(m_fake->paths().usbDevices() + '/' + busid + "/uevent", "DEVNAME=bus/usb/" + busid + '\n');
        const std::string folder = m_fake->paths().proc + '/' + pid;
        FakeSysfs::putFile(folder + "/comm", name + '\n');
        std::filesystem::create_directories(folder + "/fd");
        std::filesystem::create_symlink(m_fake->paths().dev + "/bus/usb/" + busid, folder + "/fd/7");
    }
    Finding finding(const std::string &what) const
    {
        for (const Finding &one : findings(m_fake->paths())) {
            if (one.what.find(what) != std::string::npos)
                return one;
        }
        return {};
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        VERIFY_SUCCEEDS(LockTable::open(m_fake->paths())); // makes the folder of leases
    }
    void cleanup() { m_fake.reset(); }

    void statesOfDevices_data()
    {
        QTest::addColumn<QByteArray>("driver");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("authorized");
        QTest::addColumn<QByteArray>("state");
        QTest::newRow("free") << QByteArray("usb") << 0 << QByteArray("1") << QByteArray("free");
        QTest::newRow("blocked") << QByteArray("usb") << 0 << QByteArray("0") << QByteArray("blocked");
        QTest::newRow("without driver") << QByteArray() << 0 << QByteArray("1") << QByteArray("free");
        QTest::newRow("parked") << QByteArray("usbip-host") << 1 << QByteArray("1") << QByteArray("parked");
        QTest::newRow("exported") << QByteArray("usbip-host") << 2 << QByteArray("1") << QByteArray("exported");
        QTest::newRow("error") << QByteArray("usbip-host") << 3 << QByteArray("1") << QByteArray("error");
    }
    void statesOfDevices()
    {
        QFETCH(QByteArray, driver);
        QFETCH(int, status);
        QFETCH(QByteArray, authorized);
        QFETCH(QByteArray, state);
        m_fake->addDevice("2-1", {{"authorized", bytesOf(authorized)}});
        m_fake->setDriver("2-1", bytesOf(driver));
        if (status != 0)
            m_fake->setUsbipStatus("2-1", status);
        QCOMPARE(rows().size(), std::size_t{1});
        QCOMPARE(rows()[0].state, bytesOf(state));
        QCOMPARE(rows()[0].driver, bytesOf(driver));
        QCOMPARE(rows()[0].speed, "480"s);
        QCOMPARE(rows()[0].ids, "46f4:0001"s);
    }

    void whoHasAnExportedDevice()
    {
        m_fake->addDevice("2-1");
        m_fake->setDriver("2-1", "usbip-host");
        m_fake->setUsbipStatus("2-1", 2);
        QCOMPARE(rows()[0].peer, ""s);
        ExportLease lease{*BusId::parse("2-1"), *QubeName::parse("work"), "46f4:0001 -", "usb", false, false, 0};
        const Leases leases(m_fake->paths());
        VERIFY_SUCCEEDS(leases.save(lease));
        QCOMPARE(rows()[0].peer, "work"s);
        // One that is left over says nothing of a device that is back with its driver.
        m_fake->setDriver("2-1", "usb");
        QCOMPARE(rows()[0].peer, ""s);
        m_fake->setDriver("2-1", "usbip-host");
        leases.remove(lease.busid);
        lease.busid = *BusId::parse("2-2");
        VERIFY_SUCCEEDS(leases.save(lease));
        QCOMPARE(rows()[0].peer, ""s);
    }

    void whereAnImportedDeviceIsFrom()
    {
        m_fake->addImported("3-1");
        QCOMPARE(rows()[0].state, "imported"s);
        QCOMPARE(rows()[0].peer, ""s);
        const Leases leases(m_fake->paths());
        const auto save = [&](const char *backend, const char *device, unsigned port, const char *local) {
            return leases.save(
                ImportLease{{*QubeName::parse(backend), *DeviceSpec::parse(device)}, port, local, 0x20002});
        };
        VERIFY_SUCCEEDS(save("sys-net", "1-1", 1, "3-2"));
        VERIFY_SUCCEEDS(save("sys-usb", "2-1", 0, "3-1"));
        QCOMPARE(rows()[0].peer, "sys-usb:2-1"s);
        // Not allowed here: it is of no use, and from there all the same.
        m_fake->setAttribute("3-1", "authorized", "0");
        QCOMPARE(rows()[0].state, "blocked"s);
        QCOMPARE(rows()[0].peer, "sys-usb:2-1"s);
    }

    void whoUsesADevice()
    {
        m_fake->addDevice("2-1");
        m_fake->addDevice("2-2");
        addUser("2-1", "412", "pcscd");
        addUser("2-1", "413", "gpg");
        QCOMPARE(rows()[0].users, (std::vector{"pcscd (412)"s, "gpg (413)"s}));
        QVERIFY(rows()[1].users.empty());
        // What another qube has nobody here uses.
        m_fake->setDriver("2-1", "usbip-host");
        QVERIFY(rows()[0].users.empty());
    }

    void hubsOnDemand()
    {
        m_fake->addHub("1-1");
        m_fake->addDevice("1-1.4");
        QCOMPARE(rows().size(), std::size_t{1});
        QCOMPARE(rows(true).size(), std::size_t{2});
        QCOMPARE(rows(true)[0].state, "hub"s);
    }

    void asText()
    {
        QCOMPARE(rowsAsText({}), "no USB devices\n"s);
        m_fake->addDevice("2-1", {{"product", "Stick"}});
        m_fake->addDevice("2-1.4", {{"product", "Evil\x1b[2J\n"}});
        QCOMPARE(rowsAsText(rows()), "DEVICE  ID         SPEED  DRIVER  STATE  NAME\n"
                                     "2-1     46f4:0001  480    usb     free   Stick\n"
                                     "2-1.4   46f4:0001  480    usb     free   Evil_[2J\n"s);
        addUser("2-1", "412", "pcscd");
        addUser("2-1", "413", "gpg");
        m_fake->addImported("3-1");
        VERIFY_SUCCEEDS(
            Leases(m_fake->paths()).save(ImportLease{{*QubeName::parse("a"), *DeviceSpec::parse("2-1")}, 0, "3-1", 1}));
        m_fake->setAttribute("3-1", "product", "Camera");
        m_fake->setDriver("3-1", "");
        QCOMPARE(rowsAsText(rows()),
                 "DEVICE  ID         SPEED  DRIVER  STATE           NAME\n"
                 "2-1     46f4:0001  480    usb     free            Stick (used by pcscd (412), gpg (413))\n"
                 "2-1.4   46f4:0001  480    usb     free            Evil_[2J\n"
                 "3-1     46f4:0001  480    -       imported a:2-1  Camera\n"s);
    }

    void asJson()
    {
        m_fake->addDevice("2-1", {{"product", "\"Stick\" \\ & <b>"}});
        m_fake->addDevice("2-2");
        addUser("2-1", "412", "pc\"scd");
        addUser("2-1", "413", "gpg");
        QJsonParseError error;
        const auto array = QJsonDocument::fromJson(QByteArray::fromStdString(rowsAsJson(rows())), &error).array();
        QCOMPARE(error.error, QJsonParseError::NoError);
        QCOMPARE(array.size(), 2);
        QCOMPARE(array[0].toObject().toVariantMap(),
                 (QVariantMap{{"busid", "2-1"},
                              {"id", "46f4:0001"},
                              {"speed", "480"},
                              {"driver", "usb"},
                              {"state", "free"},
                              {"peer", ""},
                              {"name", "\"Stick\" \\ & <b>"},
                              {"users", QVariantList{"pc\"scd (412)", "gpg (413)"}}}));
        QCOMPARE(array[1].toObject()["users"].toArray(), QJsonArray());
        QVERIFY(array[1].toObject()["users"].isArray());
        QVERIFY(QJsonDocument::fromJson(QByteArray::fromStdString(rowsAsJson({}))).isArray());
    }

    void freePortsAreCounted()
    {
        QVERIFY(finding("ports, USB 2").ok); // known when the module is loaded
        m_fake->loadVhci(2, 2);
        m_fake->setPort(0, "006 003 00010002 000005 3-1");
        QCOMPARE(finding("ports, USB 2").detail, "3 of 4"s);
        QCOMPARE(finding("ports, SuperSpeed").detail, "4 of 4"s);
        for (const unsigned port : {2U, 3U, 6U, 7U})
            m_fake->setPort(port, "005 000 00000000 000000 0-0");
        QVERIFY(!finding("ports, SuperSpeed").ok);
        QVERIFY(finding("ports, SuperSpeed").needed);
    }

    void whatComesThroughTheVirtualPortsMayHaveToBeAllowed_data()
    {
        QTest::addColumn<QList<QByteArray>>("defaults"); // of the root hubs, one after another
        QTest::addColumn<QByteArray>("detail");          // empty: all is well
        QTest::newRow("allowed") << QList<QByteArray>{"1", "1", "1", "1"} << QByteArray();
        QTest::newRow("unknown") << QList<QByteArray>{} << QByteArray();
        QTest::newRow("blocked") << QList<QByteArray>{"0", "0", "0", "0"} << QByteArray("usb3");
        QTest::newRow("one of them") << QList<QByteArray>{"1", "1", "1", "0"} << QByteArray("usb6");
    }
    void whatComesThroughTheVirtualPortsMayHaveToBeAllowed()
    {
        QFETCH(QList<QByteArray>, defaults);
        QFETCH(QByteArray, detail);
        m_fake->loadVhci(2);
        for (qsizetype n = 0; n < defaults.size(); ++n)
            m_fake->put("bus/usb/devices/usb" + std::to_string(3 + n) + "/authorized_default",
                        bytesOf(defaults[n]) + '\n');
        m_fake->put("bus/usb/devices/usb1/authorized_default", "0\n"); // a real controller's does not matter
        const Finding allowed = finding("attached devices are allowed");
        QVERIFY(!allowed.what.empty());
        QVERIFY(!allowed.needed);
        QCOMPARE(allowed.ok, detail.isEmpty());
        if (detail.isEmpty())
            QCOMPARE(allowed.detail, "yes"s);
        else
            QVERIFY(allowed.detail.find("authorized_default of " + bytesOf(detail) + " is 0") != std::string::npos);
    }

    void withoutVirtualPortsItIsNotKnown()
    {
        const Finding allowed = finding("attached devices are allowed");
        QVERIFY(allowed.ok && !allowed.needed);
        QVERIFY(allowed.detail.starts_with("known when"));
    }

    void modulesThatAreThere()
    {
        m_fake->loadVhci();
        m_fake->loadUsbipHost();
        QVERIFY(finding("vhci_hcd").ok);
        QVERIFY(finding("usbip_host").ok);
    }

    void servicesAreLookedFor()
    {
        QVERIFY(!finding("service qubes.USBAttach").ok);
        const std::string path = m_fake->paths().root + "/etc/qubes-rpc/qubes.USBAttach";
        FakeSysfs::putFile(path, "");
        QVERIFY(!finding("service qubes.USBAttach").ok); // not executable
        QCOMPARE(chmod(path.c_str(), 0755), 0);
        QCOMPARE(finding("service qubes.USBAttach").detail, path);
    }

    void findingsAsTextAndJson()
    {
        const std::vector<Finding> some{
            {"a", true, true, "fine"}, {"b", false, true, "do \"this\""}, {"c", false, false, ""}};
        const std::string text = findingsAsText(some);
        QVERIFY(text.starts_with("ok       a (fine)\nMISSING  b (do \"this\")\nnote     c ()\n"));
        const auto array = QJsonDocument::fromJson(QByteArray::fromStdString(findingsAsJson(some))).array();
        QCOMPARE(array.size(), 3);
        QCOMPARE(array[1].toObject().toVariantMap(),
                 (QVariantMap{{"what", "b"}, {"ok", false}, {"needed", true}, {"detail", "do \"this\""}}));
    }
};

QTEST_GUILESS_MAIN(TestOverview)
#include "tst_overview.moc"
