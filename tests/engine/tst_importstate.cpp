// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "forked.h"
#include "qubes/importstate.h"
#include "show.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;

class TestImportState : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    static ImportKey key(const std::string &backend, const std::string &device)
    {
        return {*QubeName::parse(backend), *DeviceSpec::parse(device)};
    }
    std::string file(const std::string &name) const { return m_fake->paths().run + '/' + name; }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        QCOMPARE(mkdir(m_fake->paths().run.c_str(), 0755), 0);
    }
    void cleanup() { m_fake.reset(); }

    void fileNamesAndBack_data()
    {
        QTest::addColumn<QByteArray>("backend");
        QTest::addColumn<QByteArray>("device");
        const auto add = [](const char *backend, const char *device) {
            QTest::addRow("%s %s", backend, device) << QByteArray(backend) << QByteArray(device);
        };
        add("sys-usb", "2-1");
        add("usb", "1-1.4");
        add("sys-usb", "0x46f4.0x0001");
        // Names with dashes and digits in all places that could be taken for a device.
        add("a-2-1", "1-1");
        add("a-1", "2-1");
        add("a-", "2-1");
        add("a-2-1", "0x46f4.0x0001");
        add("a.state", "2-1");
        add("usb-import-a", "2-1");
        add("a-0x46f4.0x0001", "2-1");
    }
    void fileNamesAndBack()
    {
        QFETCH(QByteArray, backend);
        QFETCH(QByteArray, device);
        const ImportKey original = key(bytesOf(backend), bytesOf(device));
        const auto back = ImportKey::fromFile(m_fake->paths(), original.fileName());
        QVERIFY(back);
        QCOMPARE(back->backend.text(), original.backend.text());
        QCOMPARE(back->device.text(), original.device.text());
        QCOMPARE(back->text(), bytesOf(backend) + ':' + bytesOf(device));
    }

    void theFolderMayBeGiven()
    {
        QVERIFY(ImportKey::fromFile(m_fake->paths(), file("usb-import-sys-usb-2-1.state")));
        QVERIFY(ImportKey::fromFile(m_fake->paths(), "/var/run/qubes/usb-import-sys-usb-2-1.state"));
    }

    void otherFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text : {"",
                                 "/",
                                 "usb-import-.state",
                                 "usb-import-",
                                 ".state",
                                 "usb-import-sys-usb.state",
                                 "usb-import-2-1.state",
                                 "usb-import-sys-usb-2-1",
                                 "usb-import-sys-usb-2-1.state ",
                                 "usb-import-sys-usb-2-1.state.new",
                                 "usb-import-sys-usb-2-1.state\n",
                                 "usb-import-sys-usb-1-1:1.0.state",
                                 "usb-import-sys-usb-02-1.state",
                                 "usb-import-../x-2-1.state",
                                 "usb-import-a b-2-1.state",
                                 "usb-import-1a-2-1.state",
                                 "usb-import--2-1.state",
                                 "usb-import.state",
                                 "usb-impor.state",
                                 "/etc/usb-import-sys-usb-2-1.state",
                                 "./usb-import-sys-usb-2-1.state",
                                 "../usb-import-sys-usb-2-1.state",
                                 "/usb-import-sys-usb-2-1.state",
                                 "/var/run/qubes/../usb-import-sys-usb-2-1.state",
                                 "/var/run/qubes//usb-import-sys-usb-2-1.state",
                                 "/etc/passwd"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL within") << QByteArray("usb-import-sys-usb\0-2-1.state", 29);
    }
    void otherFilesAreRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!ImportKey::fromFile(m_fake->paths(), bytesOf(hostile)));
    }

    void requests()
    {
        for (const char *text : {"sys-usb 2-1", "sys-usb 2-1\n"}) {
            const auto request = ImportKey::fromRequest(text);
            QVERIFY(request);
            QCOMPARE(request->text(), "sys-usb:2-1"s);
        }
        QVERIFY(ImportKey::fromRequest("sys-usb 0x46f4.0x0001"));
    }

    void otherRequestsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("hostile");
        for (const char *text :
             {"", "\n", "sys-usb", "2-1", "sys-usb  2-1", " sys-usb 2-1", "sys-usb 2-1 ", "sys-usb 2-1\n\n",
              "sys-usb 2-1\r\n", "sys-usb\t2-1", "sys-usb 1-1:1.0", "sys-usb usb1", "../x 2-1", "sys-usb ../2-1",
              "sys-usb 02-1", "sys-usb 2-1 sys-usb 2-2", "@dispvm 2-1", "--help 2-1", "sys-usb 0x46f4.0x00012"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL behind") << QByteArray("sys-usb 2-1\0", 12);
    }
    void otherRequestsAreRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!ImportKey::fromRequest(bytesOf(hostile)));
    }

    void whatIsSavedIsLoaded()
    {
        const ImportKey import = key("sys-usb", "2-1");
        VERIFY_SUCCEEDS((ImportState{17, "4-3", 0x20003}.save(m_fake->paths(), import)));
        const auto state = ImportState::load(m_fake->paths(), import);
        VERIFY_SUCCEEDS(state);
        QCOMPARE(state->port, 17U);
        QCOMPARE(state->localBusid, "4-3"s);
        QCOMPARE(state->devId, 0x20003U);
        QCOMPARE(FakeSysfs::get(file("usb-import-sys-usb-2-1.state")), "17\n4-3 131075\n"s);
    }

    void savingReplacesAsAWhole()
    {
        const ImportKey import = key("sys-usb", "2-1");
        const std::string path = file(import.fileName());
        VERIFY_SUCCEEDS((ImportState{200, "10-15", 0xffffffff}.save(m_fake->paths(), import)));
        std::ifstream reader(path); // somebody who is just reading it
        VERIFY_SUCCEEDS((ImportState{1, "3-2", 1}.save(m_fake->paths(), import)));
        std::string line;
        QVERIFY(std::getline(reader, line));
        QCOMPARE(line, "200"s);
        QCOMPARE(FakeSysfs::get(path), "1\n3-2 1\n"s);
        struct stat after
        {
        };
        QCOMPARE(stat(path.c_str(), &after), 0);
        QCOMPARE(after.st_mode & 0777U, 0644U);
        QVERIFY(access((path + ".new").c_str(), F_OK) != 0);
    }

    void noLinkIsFollowed()
    {
        const ImportKey import = key("sys-usb", "2-1");
        FakeSysfs::putFile(file("precious"), "precious");
        const std::string path = file(import.fileName());
        QCOMPARE(symlink(file("precious").c_str(), path.c_str()), 0);
        QCOMPARE(symlink(file("precious").c_str(), (path + ".new").c_str()), 0);
        VERIFY_SUCCEEDS((ImportState{1, "3-2", 1}.save(m_fake->paths(), import)));
        QCOMPARE(FakeSysfs::get(file("precious")), "precious"s);
        QCOMPARE(FakeSysfs::get(path), "1\n3-2 1\n"s);
    }

    void savingWithoutFolderFails()
    {
        Paths elsewhere = m_fake->paths();
        elsewhere.run += "/none";
        const auto saved = ImportState{1, "3-2", 1}.save(elsewhere, key("sys-usb", "2-1"));
        VERIFY_FAILS(saved, Fault::System);
        QCOMPARE(saved.error().number, ENOENT);
    }

    void filesOfOldImportsHaveThePortOnly()
    {
        const ImportKey import = key("sys-usb", "2-1");
        FakeSysfs::putFile(file(import.fileName()), "0005\n"); // as the kernel lists it
        const auto state = ImportState::load(m_fake->paths(), import);
        VERIFY_SUCCEEDS(state);
        QCOMPARE(state->port, 5U);
        QCOMPARE(state->localBusid, ""s);
        QCOMPARE(state->devId, 0U);
    }

    void damagedFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"", "\n", "x", "-1 3-1 5", "65536", "0x5", "3-1 5 5"})
            QTest::newRow(text) << QByteArray(text);
    }
    void damagedFilesAreRefused()
    {
        QFETCH(QByteArray, text);
        const ImportKey import = key("sys-usb", "2-1");
        FakeSysfs::putFile(file(import.fileName()), bytesOf(text));
        VERIFY_FAILS(ImportState::load(m_fake->paths(), import), Fault::System);
    }

    void aMissingFileSaysSo()
    {
        const auto state = ImportState::load(m_fake->paths(), key("sys-usb", "2-1"));
        VERIFY_FAILS(state, Fault::System);
        QCOMPARE(state.error().number, ENOENT);
    }

    void allImportsAreListed()
    {
        QVERIFY(ImportState::list(m_fake->paths()).empty());
        for (const char *device : {"2-1", "1-1.4"})
            VERIFY_SUCCEEDS((ImportState{1, "3-1", 1}.save(m_fake->paths(), key("sys-usb", device))));
        FakeSysfs::putFile(file("usb-engine.lock"), "");
        FakeSysfs::putFile(file("usb-import-sys-usb-2-2.state.new"), "");
        const auto keys = ImportState::list(m_fake->paths());
        QCOMPARE(keys.size(), std::size_t{2});
        QCOMPARE(keys[0].text(), "sys-usb:1-1.4"s);
        QCOMPARE(keys[1].text(), "sys-usb:2-1"s);
        ImportState::remove(m_fake->paths(), keys[0]);
        QCOMPARE(ImportState::list(m_fake->paths()).size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestImportState)
#include "tst_importstate.moc"
