// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "kernel/sysfsdir.h"
#include "show.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>

using namespace engine;
using namespace std::string_literals;
namespace fs = std::filesystem;

class TestSysfsDir : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    Result<SysfsDir> open(const std::string &path) const { return SysfsDir::open(m_fake->sys(path)); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->put("thing/speed", "480\n");
    }
    void cleanup() { m_fake.reset(); }

    void attributesComeWithoutTheirLineEnd()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        QCOMPARE(*dir->read("speed"), "480"s);
        m_fake->put("thing/odd", "a\nb\n\n");
        QCOMPARE(*dir->read("odd"), "a\nb\n"s);
        m_fake->put("thing/empty", "");
        QCOMPARE(*dir->read("empty"), ""s);
    }

    void theErrorNamesTheFileAndKeepsErrno()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        const auto missing = dir->read("none");
        VERIFY_FAILS(missing, Fault::System);
        QCOMPARE(missing.error().number, ENOENT);
        QVERIFY(missing.error().text.find("thing/none") != std::string::npos);
        QVERIFY(!dir->find("none"));
        QCOMPARE(open("none").error().number, ENOENT);
        QCOMPARE(open("thing/speed").error().number, ENOTDIR);
    }

    void anotherThingUnderTheSameNameIsNotTouched()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        fs::remove_all(m_fake->sys("thing"));
        m_fake->put("thing/speed", "5000\n");
        const auto text = dir->read("speed");
        VERIFY_FAILS(text, Fault::System);
        QCOMPARE(text.error().number, ENOENT);
        QCOMPARE(dir->write("speed", "1").error().number, ENOENT);
        QVERIFY(!dir->has("speed"));
        QCOMPARE(FakeSysfs::get(m_fake->sys("thing/speed")), "5000\n"s);
    }

    void aMovedThingIsStillTheSame()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        fs::rename(m_fake->sys("thing"), m_fake->sys("elsewhere"));
        QCOMPARE(*dir->read("speed"), "480"s);
        QCOMPARE(dir->realPath(), m_fake->sys("elsewhere"));
    }

    void aWriteIsOneWriteOfExactlyTheseBytes()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        m_fake->put("thing/attach", "");
        VERIFY_SUCCEEDS(dir->write("attach", "1 3 65538 3"));
        QCOMPARE(m_fake->writtenTo("thing/attach"), (std::vector{"1 3 65538 3"s}));
        QCOMPARE(FakeSysfs::get(m_fake->sys("thing/attach")), "1 3 65538 3"s);
    }

    void whatTheKernelSaysIsKept_data()
    {
        QTest::addColumn<int>("number");
        for (const int number : {EBUSY, EINVAL, ENODEV, ENOMEM, EAGAIN})
            QTest::newRow(strerror(number)) << number;
    }
    void whatTheKernelSaysIsKept()
    {
        QFETCH(int, number);
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        m_fake->onWrite("thing/bind", [number](const std::string &) { return number; });
        const auto written = dir->write("bind", "2-1");
        VERIFY_FAILS(written, Fault::System);
        QCOMPARE(written.error().number, number);
        QCOMPARE(m_fake->writtenTo("thing/bind").size(), std::size_t{1}); // not tried again
    }

    void noFileIsMade()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        QCOMPARE(dir->write("new", "1").error().number, ENOENT);
        QVERIFY(!dir->has("new"));
    }

    void linksAreNotFollowed()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        m_fake->put("secret", "secret");
        fs::create_symlink(m_fake->sys("secret"), m_fake->sys("thing/link"));
        QCOMPARE(dir->read("link").error().number, ELOOP);
        QCOMPARE(dir->write("link", "x").error().number, ELOOP);
        QCOMPARE(FakeSysfs::get(m_fake->sys("secret")), "secret"s);
    }

    void namesOfLinks()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        fs::create_symlink("../../bus/usb/drivers/usbip-host", m_fake->sys("thing/driver"));
        QCOMPARE(dir->linkName("driver"), "usbip-host"s); // it may lead nowhere
        QVERIFY(dir->has("driver"));
        QCOMPARE(dir->linkName("speed"), ""s);
        QCOMPARE(dir->linkName("none"), ""s);
    }

    void theFolderItselfMayBeALink()
    {
        fs::create_directory_symlink(m_fake->sys("thing"), m_fake->sys("2-1"));
        const auto dir = open("2-1");
        VERIFY_SUCCEEDS(dir);
        QCOMPARE(dir->realPath(), m_fake->sys("thing"));
    }

    void largeFilesAreRefused()
    {
        m_fake->put("thing/huge", std::string((1U << 20U) + 1, 'x'));
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        QCOMPARE(dir->read("huge").error().number, EFBIG);
        QVERIFY(!readFile(m_fake->sys("thing/huge")));
    }

    void theFolderIsNotInherited()
    {
        const auto dir = open("thing");
        VERIFY_SUCCEEDS(dir);
        QCOMPARE(fcntl(dir->fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }

    void wholeFilesKeepTheirLineEnd() { QCOMPARE(*readFile(m_fake->sys("thing/speed")), "480\n"s); }
};

QTEST_GUILESS_MAIN(TestSysfsDir)
#include "tst_sysfsdir.moc"
