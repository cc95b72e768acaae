// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "qubes/statefile.h"
#include "show.h"

#include <cerrno>
#include <fstream>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;

class TestStateFile : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    static ImportKey key() { return {*QubeName::parse("sys-usb"), *DeviceSpec::parse("2-1")}; }
    StateFile stateFile() const { return {m_fake->paths(), key()}; }
    std::string path() const { return m_fake->paths().run + "/usb-import-sys-usb-2-1.state"; }
    static bool exists(const std::string &path)
    {
        struct stat info
        {
        };
        return lstat(path.c_str(), &info) == 0;
    }

private Q_SLOTS:
    void init() { m_fake = std::make_unique<FakeSysfs>(); }
    void cleanup() { m_fake.reset(); }

    void thePortHasALineOfItsOwn()
    {
        VERIFY_SUCCEEDS(stateFile().write(17, "4-3"));
        QCOMPARE(FakeSysfs::get(path()), "17\n4-3\n"s);
    }

    void theFolderIsMade()
    {
        QVERIFY(!exists(m_fake->paths().run));
        VERIFY_SUCCEEDS(stateFile().write(1, "3-2"));
        struct stat info
        {
        };
        QCOMPARE(stat(m_fake->paths().run.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0755U);
        VERIFY_SUCCEEDS(stateFile().write(1, "3-2")); // and may be there
    }

    void itIsReplacedAsAWhole()
    {
        VERIFY_SUCCEEDS(stateFile().write(200, "10-15"));
        std::ifstream reader(path()); // somebody who is just reading it
        VERIFY_SUCCEEDS(stateFile().write(1, "3-2"));
        std::string line;
        QVERIFY(std::getline(reader, line));
        QCOMPARE(line, "200"s);
        QCOMPARE(FakeSysfs::get(path()), "1\n3-2\n"s);
        struct stat after
        {
        };
        QCOMPARE(stat(path().c_str(), &after), 0);
        QCOMPARE(after.st_mode & 0777U, 0644U);
        QVERIFY(!exists(path() + ".new"));
    }

    void noLinkIsFollowed()
    {
        const std::string precious = m_fake->paths().run + "/precious";
        FakeSysfs::putFile(precious, "precious");
        QCOMPARE(symlink(precious.c_str(), path().c_str()), 0);
        QCOMPARE(symlink(precious.c_str(), (path() + ".new").c_str()), 0);
        VERIFY_SUCCEEDS(stateFile().write(1, "3-2"));
        QCOMPARE(FakeSysfs::get(precious), "precious"s);
        QCOMPARE(FakeSysfs::get(path()), "1\n3-2\n"s);
    }

    void withoutAFolderToBeInItFails()
    {
        Paths elsewhere = m_fake->paths();
        elsewhere.run += "/none/at/all";
        const auto written = StateFile(elsewhere, key()).write(1, "3-2");
        VERIFY_FAILS(written, Fault::System);
        QCOMPARE(written.error().number, ENOENT);
    }

    void whatCannotBeReplacedLeavesNothingBehind()
    {
        FakeSysfs::putFile(path() + "/file", ""); // a folder in its place
        const auto written = stateFile().write(1, "3-2");
        VERIFY_FAILS(written, Fault::System);
        QCOMPARE(written.error().number, EISDIR);
        QVERIFY(!exists(path() + ".new"));
    }

    void removedWithTheOneThatWasNeverFinished()
    {
        VERIFY_SUCCEEDS(stateFile().write(1, "3-2"));
        FakeSysfs::putFile(path() + ".new", "1");
        stateFile().remove();
        QVERIFY(!exists(path()));
        QVERIFY(!exists(path() + ".new"));
        stateFile().remove(); // any number of times
    }
};

QTEST_APPLESS_MAIN(TestStateFile)
#include "tst_statefile.moc"
