// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"
#include "values/importkey.h"

using namespace engine;
using namespace std::string_literals;

namespace {

const std::string folder = "/run/qubes";

} // namespace

class TestImportKey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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
        const ImportKey original{*QubeName::parse(bytesOf(backend)), *DeviceSpec::parse(bytesOf(device))};
        QCOMPARE(original.fileName(), "usb-import-" + bytesOf(backend) + '-' + bytesOf(device) + ".state");
        const auto back = ImportKey::fromFile(folder, original.fileName());
        QVERIFY(back);
        QCOMPARE(back->backend.text(), original.backend.text());
        QCOMPARE(back->device.text(), original.device.text());
        QCOMPARE(back->text(), bytesOf(backend) + ':' + bytesOf(device));
    }

    void theFolderMayBeGiven()
    {
        for (const char *path :
             {"/run/qubes/usb-import-sys-usb-2-1.state", "/var/run/qubes/usb-import-sys-usb-2-1.state"}) {
            const auto key = ImportKey::fromFile(folder, path);
            QVERIFY(key);
            QCOMPARE(key->text(), "sys-usb:2-1"s);
        }
        QVERIFY(ImportKey::fromFile("/elsewhere", "/elsewhere/usb-import-sys-usb-2-1.state"));
        QVERIFY(!ImportKey::fromFile("/elsewhere", "/run/qubes/usb-import-sys-usb-2-1.state"));
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
                                 "/run/qubes/x/usb-import-sys-usb-2-1.state",
                                 "/etc/passwd"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("NUL within") << QByteArray("usb-import-sys-usb\0-2-1.state", 29);
    }
    void otherFilesAreRefused()
    {
        QFETCH(QByteArray, hostile);
        QVERIFY(!ImportKey::fromFile(folder, bytesOf(hostile)));
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
};

QTEST_APPLESS_MAIN(TestImportKey)
#include "tst_importkey.moc"
