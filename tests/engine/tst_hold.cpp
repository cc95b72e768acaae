// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "processes/hold.h"
#include "show.h"

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <sys/stat.h>

using namespace engine;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

long secondsSinceBoot()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

} // namespace

class TestHold : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    Hold hold() const { return Hold(m_fake->paths()); }
    std::string path() const { return m_fake->paths().state + "/hold"; }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        QCOMPARE(mkdir(m_fake->paths().state.c_str(), 0700), 0);
    }
    void cleanup() { m_fake.reset(); }

    void normallyThereIsNone() { VERIFY_SUCCEEDS(hold().check()); }

    void itKeepsOthersAwayUntilItIsLifted()
    {
        VERIFY_SUCCEEDS(hold().set(1h));
        VERIFY_FAILS(hold().check(), Fault::Busy);
        VERIFY_FAILS(hold().check(), Fault::Busy); // a look changes nothing
        hold().lift();
        VERIFY_SUCCEEDS(hold().check());
        hold().lift(); // any number of times
    }

    void itSaysWhenItEnds()
    {
        const long before = secondsSinceBoot();
        VERIFY_SUCCEEDS(hold().set(120s));
        const long end = std::stol(FakeSysfs::get(path()));
        QVERIFY(end >= before + 120);
        QVERIFY(end <= secondsSinceBoot() + 120);
        struct stat info
        {
        };
        QCOMPARE(stat(path().c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0600U);
    }

    void itEndsByItself()
    {
        VERIFY_SUCCEEDS(hold().set(0s));
        VERIFY_SUCCEEDS(hold().check());
        FakeSysfs::putFile(path(), std::to_string(secondsSinceBoot() + 3600));
        VERIFY_FAILS(hold().check(), Fault::Busy);
        FakeSysfs::putFile(path(), std::to_string(secondsSinceBoot() - 1));
        VERIFY_SUCCEEDS(hold().check());
    }

    void setAgainItIsAsLongAsWasSaidLast()
    {
        VERIFY_SUCCEEDS(hold().set(1000000s)); // more digits than the next
        VERIFY_SUCCEEDS(hold().set(0s));
        VERIFY_SUCCEEDS(hold().check());
    }

    void nonsenseKeepsNobodyAway_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"", "x", "-1", "99999999999999999999999", "99999999999999 "})
            QTest::newRow(text) << QByteArray(text);
    }
    void nonsenseKeepsNobodyAway()
    {
        QFETCH(QByteArray, text);
        FakeSysfs::putFile(path(), bytesOf(text));
        VERIFY_SUCCEEDS(hold().check());
    }

    void noLinkIsFollowed()
    {
        const std::string precious = m_fake->paths().state + "/precious";
        FakeSysfs::putFile(precious, "precious");
        QCOMPARE(symlink(precious.c_str(), path().c_str()), 0);
        const auto set = hold().set(1h);
        VERIFY_FAILS(set, Fault::System);
        QCOMPARE(set.error().number, ELOOP);
        QCOMPARE(FakeSysfs::get(precious), "precious"s);
    }

    void withoutItsFolderItCannotBeSet()
    {
        std::filesystem::remove(m_fake->paths().state);
        const auto set = hold().set(1h);
        VERIFY_FAILS(set, Fault::System);
        QCOMPARE(set.error().number, ENOENT);
        VERIFY_SUCCEEDS(hold().check());
    }
};

QTEST_APPLESS_MAIN(TestHold)
#include "tst_hold.moc"
