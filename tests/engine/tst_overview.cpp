// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/overview.h"
#include "fakesysfs.h"
#include "forked.h"
#include "qubes/importstate.h"
#include "show.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;

class TestOverview : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::optional<LockTable> m_locks;

    std::vector<DeviceRow> rows(bool withHubs = false) const { return deviceRows(m_fake->paths(), *m_locks, withHubs); }
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
        auto locks = LockTable::open(m_fake->paths());
        VERIFY_SUCCEEDS(locks);
        m_locks.emplace(std::move(*locks));
    }
    void cleanup()
    {
        m_locks.reset();
        m_fake.reset();
    }

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
        const Bell locked;
        Forked exporter([&] {
            auto own = LockTable::open(m_fake->paths());
            const auto lock = own->lock(exportLock("2-1"));
            locked.ring();
            pause();
            return lock ? 0 : 1;
        });
        QVERIFY(locked.heard());
        const std::string environmentFile = m_fake->paths().proc + '/' + std::to_string(exporter.pid()) + "/environ";
        const std::pair<std::string, std::string> environments[] = {
            {"A=B\0QREXEC_REMOTE_DOMAIN=work\0C=D\0"s, "work"},
            {"QREXEC_REMOTE_DOMAIN=win-dm\0"s, "win"},
            {"QREXEC_REMOTE_DOMAIN=work"s, "work"},
            {"XQREXEC_REMOTE_DOMAIN=work\0"s, ""},
            {"QREXEC_REMOTE_DOMAIN=../x\0"s, ""},
            {"QREXEC_REMOTE_DOMAIN=\0"s, ""},
            {""s, ""},
        };
        for (const auto &[environment, name] : environments) {
            FakeSysfs::putFile(environmentFile, environment);
            QCOMPARE(rows()[0].peer, name);
        }
    }

    void whereAnImportedDeviceIsFrom()
    {
        m_fake->addImported("3-1");
        QCOMPARE(rows()[0].state, "imported"s);
        QCOMPARE(rows()[0].peer, ""s);
        const ImportKey key{*QubeName::parse("sys-usb"), *DeviceSpec::parse("2-1")};
        VERIFY_SUCCEEDS((ImportState{0, "3-1", 0x20002}.save(m_fake->paths(), key)));
        QCOMPARE(rows()[0].peer, "sys-usb:2-1"s);
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
    }

    void asJson()
    {
        m_fake->addDevice("2-1", {{"product", "\"Stick\" \\ & <b>"}});
        QJsonParseError error;
        const auto array = QJsonDocument::fromJson(QByteArray::fromStdString(rowsAsJson(rows())), &error).array();
        QCOMPARE(error.error, QJsonParseError::NoError);
        QCOMPARE(array.size(), 1);
        QCOMPARE(array[0].toObject().toVariantMap(), (QVariantMap{{"busid", "2-1"},
                                                                  {"id", "46f4:0001"},
                                                                  {"speed", "480"},
                                                                  {"driver", "usb"},
                                                                  {"state", "free"},
                                                                  {"peer", ""},
                                                                  {"name", "\"Stick\" \\ & <b>"}}));
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
            m_fake->setPort(port, "007 000 00000000 000000 0-0");
        QVERIFY(!finding("ports, SuperSpeed").ok);
        QVERIFY(finding("ports, SuperSpeed").needed);
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
