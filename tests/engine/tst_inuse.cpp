// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeprograms.h"
#include "forked.h"
#include "kernel/inuse.h"
#include "show.h"

#include <algorithm>
#include <filesystem>

using namespace engine;
using namespace std::string_literals;
namespace fs = std::filesystem;

/// Disks; networks and programs are in tst_otheruse.cpp.
class TestInUse : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), *BusId::parse("2-1"))); }
    Result<StorageUse> claim() const { return StorageUse::claim(m_fake->paths(), device(), Deadline(patience)); }
    /// Names, numbers, and "disk" for those of the device itself.
    std::string blocks() const
    {
        std::string text;
        for (const BlockDevice &block : blockDevices(m_fake->paths(), device()))
            text += block.name + ' ' + block.numbers + (block.isDisk ? " disk, " : ", ");
        return text;
    }
    void addStick() const { m_fake->addDisk("2-1", "sda", "8:0", {{"sda1", "8:1"}}); }
    /// Something that lies on `below`, which may be such a thing itself.
    void addMapped(const std::string &name, const std::string &numbers, const std::string &below) const
    {
        m_fake->put("class/block/" + name + "/dev", numbers + '\n');
        if (below.starts_with("dm-"))
            fs::create_directories(m_fake->sys("class/block/" + below + "/holders/" + name));
        else
            m_fake->addHolder(below, name);
    }
    void addLoop(const std::string &name, const std::string &numbers, const std::string &file) const
    {
        m_fake->put("class/block/" + name + "/dev", numbers + '\n');
        m_fake->put("class/block/" + name + "/loop/backing_file", file + '\n');
    }
    /// As xen-blkback shows what it has given to a qube.
    void giveToQube(const std::string &name, const std::string &physical) const
    {
        m_fake->put("bus/xen-backend/drivers/vbd/" + name + "/physical_device", physical);
    }
    void verifyInUse(const std::string &how) const
    {
        const auto use = claim();
        VERIFY_FAILS(use, Fault::Unsuitable);
        QCOMPARE(use.error().text, "device 2-1 has a disk in use: " + how);
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->addDevice("2-1");
        m_fake->addInterface("2-1", "1.0", "080650");
    }
    void cleanup() { m_fake.reset(); }

    void disksAndPartitionsAreFound()
    {
        m_fake->addDisk("2-1", "sda", "8:0", {{"sda1", "8:1"}, {"sda2", "8:2"}});
        m_fake->addDisk("2-1", "sdb", "8:16");
        std::vector<std::string> found;
        for (const BlockDevice &block : blockDevices(m_fake->paths(), device()))
            found.push_back(block.name + ' ' + block.numbers + (block.isDisk ? " disk" : ""));
        std::ranges::sort(found);
        QCOMPARE(found, (std::vector{"sda 8:0 disk"s, "sda1 8:1"s, "sda2 8:2"s, "sdb 8:16 disk"s}));
    }

    void whatLiesOnThemIsFound()
    {
        addStick();
        addMapped("dm-3", "253:3", "sda1");
        addMapped("dm-4", "253:4", "dm-3");
        addLoop("loop0", "7:0", "/dev/dm-4");
        addMapped("dm-5", "253:5", "dm-4");
        QCOMPARE(blocks(), "sda 8:0 disk, sda1 8:1, dm-3 253:3, dm-4 253:4, dm-5 253:5, loop0 7:0, "s);
    }

    void whatLiesOnTwoIsThereOnce()
    {
        addStick();
        m_fake->addDisk("2-1", "sdb", "8:16");
        addMapped("md0", "9:0", "sda");
        addMapped("md0", "9:0", "sdb");
        addMapped("dm-0", "253:0", "sda");
        addMapped("dm-0", "253:0", "dm-0"); // what cannot be ends all the same
        const std::string all = blocks();
        QCOMPARE(std::ranges::count(all, ','), 5);
    }

    void otherLoopsAreNone()
    {
        addStick();
        addLoop("loop0", "7:0", "/home/user/disk.img");
        addLoop("loop1", "7:1", "/dev/sda10");
        addLoop("loop2", "7:2", "/dev/sda1 (deleted)");
        m_fake->put("class/block/loop3/dev", "7:3\n"); // has no file
        QCOMPARE(blocks(), "sda 8:0 disk, sda1 8:1, "s);
        VERIFY_SUCCEEDS(claim());
    }

    void aDeviceWithoutDisks()
    {
        QVERIFY(blocks().empty());
        VERIFY_SUCCEEDS(claim());
    }

    void anUnusedDisk()
    {
        addStick();
        m_fake->setMountinfo("22 1 8:17 / / rw - ext4 /dev/sdb1 rw\n");
        VERIFY_SUCCEEDS(claim());
    }

    void aDiskIsHeldAsLongAsItIsClaimed()
    {
        addStick();
        const auto held = [this] {
            return std::ranges::any_of(fs::directory_iterator("/proc/self/fd"),
                                       [this](const fs::directory_entry &entry) {
                                           std::error_code gone;
                                           return fs::read_symlink(entry.path(), gone) == m_fake->paths().dev + "/sda";
                                       });
        };
        {
            const auto use = claim();
            VERIFY_SUCCEEDS(use);
            QVERIFY(held());
        }
        QVERIFY(!held());
    }

    void mounted_data()
    {
        QTest::addColumn<QByteArray>("mountinfo");
        QTest::addColumn<QByteArray>("place");
        QTest::newRow("partition") << QByteArray("22 1 8:1 / /mnt rw - vfat /dev/sda1 rw\n") << QByteArray("/mnt");
        QTest::newRow("whole disk") << QByteArray("22 1 8:0 / /mnt rw - vfat /dev/sda rw\n") << QByteArray("/mnt");
        QTest::newRow("after others") << QByteArray("20 1 0:4 / /proc rw - proc proc rw\n"
                                                    "22 1 8:1 / /mnt rw shared:1 - vfat /dev/sda1 rw\n")
                                      << QByteArray("/mnt");
        QTest::newRow("blanks in the name")
            << QByteArray("22 1 8:1 / /media/My\\040Stick rw - vfat /dev/sda1 rw\n") << QByteArray("/media/My Stick");
        QTest::newRow("hostile name") << QByteArray("22 1 8:1 / /media/\\033[2J\\012x rw - vfat /dev/sda1 rw\n")
                                      << QByteArray("/media/_[2J x");
        QTest::newRow("btrfs, numbers of its own")
            << QByteArray("22 1 0:44 /@ /mnt rw - btrfs /dev/sda1 rw\n") << QByteArray("/mnt");
    }
    void mounted()
    {
        QFETCH(QByteArray, mountinfo);
        QFETCH(QByteArray, place);
        addStick();
        m_fake->setMountinfo(bytesOf(mountinfo));
        const auto use = claim();
        VERIFY_FAILS(use, Fault::Unsuitable);
        QVERIFY2(use.error().text.find("mounted at " + bytesOf(place) + ';') != std::string::npos,
                 use.error().text.c_str());
        QVERIFY(use.error().text.ends_with("unmount it first"));
    }

    void aNameThatOnlyBeginsAlikeIsAnother()
    {
        addStick();
        m_fake->setMountinfo("22 1 8:10 / /mnt rw - vfat /dev/sda10 rw\n23 1 0:44 / /a rw - btrfs /dev/sdaa rw\n");
        VERIFY_SUCCEEDS(claim());
    }

    void usedAsSwap()
    {
        m_fake->addDisk("2-1", "sda", "8:0", {{"sda2", "8:2"}});
        m_fake->setSwaps(
            "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2                               partition\t8\t0\t-2\n");
        const auto use = claim();
        VERIFY_FAILS(use, Fault::Unsuitable);
        QVERIFY(use.error().text.find("/dev/sda2 is used as swap") != std::string::npos);
    }

    void heldByAnotherBlockDevice()
    {
        addStick();
        m_fake->addHolder("sda1", "dm-3");
        verifyInUse("/dev/sda1 is in use by dm-3 (encryption, RAID or LVM); release it first");
    }

    void theUseOfWhatLiesOnItIsSaid()
    {
        addStick();
        addMapped("dm-3", "253:3", "sda1");
        m_fake->setMountinfo("22 1 253:3 / /mnt rw - ext4 /dev/mapper/luks-x rw\n");
        verifyInUse("/dev/dm-3 is mounted at /mnt; unmount it first");
    }

    void heldByALoop()
    {
        addStick();
        addLoop("loop0", "7:0", "/dev/sda1");
        verifyInUse("/dev/sda is in use by loop0; release it first");
        m_fake->setMountinfo("22 1 7:0 / /mnt rw - ext4 /dev/loop0 rw\n");
        verifyInUse("/dev/loop0 is mounted at /mnt; unmount it first");
    }

    void aBlockDeviceOfAnotherQube_data()
    {
        QTest::addColumn<QByteArray>("physical");
        QTest::addColumn<QByteArray>("block");
        QTest::newRow("disk") << QByteArray("8:0\n") << QByteArray("sda");
        QTest::newRow("partition") << QByteArray("8:1\n") << QByteArray("sda1");
        QTest::newRow("second disk") << QByteArray("8:10\n") << QByteArray("sdb");
        QTest::newRow("high numbers") << QByteArray("103:1ff\n") << QByteArray("sdb1");
        QTest::newRow("mapped") << QByteArray("fd:3\n") << QByteArray("dm-3");
        QTest::newRow("loop") << QByteArray("7:b\n") << QByteArray("loop11");
    }
    void aBlockDeviceOfAnotherQube()
    {
        QFETCH(QByteArray, physical);
        QFETCH(QByteArray, block);
        addStick();
        m_fake->addDisk("2-1", "sdb", "8:16", {{"sdb1", "259:511"}});
        addMapped("dm-3", "253:3", "sda1");
        addLoop("loop11", "7:11", "/dev/sdb1");
        giveToQube("vbd-5-51712", bytesOf(physical));
        verifyInUse("/dev/" + bytesOf(block) +
                    " is a block device of the qube with domain number 5; detach it there first");
    }

    void theQubesNameIsAskedFor_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<QByteArray>("qube");
        QTest::newRow("known") << QByteArray("echo work") << QByteArray("qube work");
        QTest::newRow("hostile") << QByteArray(R"(printf 'a\033[2J\nb')") << QByteArray("qube a_[2J b");
        QTest::newRow("unknown") << QByteArray("echo work; exit 1") << QByteArray("the qube with domain number 12");
        QTest::newRow("nothing") << QByteArray("exit 0") << QByteArray("the qube with domain number 12");
    }
    void theQubesNameIsAskedFor()
    {
        QFETCH(QByteArray, script);
        QFETCH(QByteArray, qube);
        addStick();
        const FakePrograms programs(m_fake->paths());
        programs.install("xenstore-read", bytesOf(script));
        giveToQube("vbd-12-51712", "8:0\n");
        verifyInUse("/dev/sda is a block device of " + bytesOf(qube) + "; detach it there first");
        QCOMPARE(programs.calls(), (std::vector<std::vector<std::string>>{{"xenstore-read", "/local/domain/12/name"}}));
    }

    void whatOtherQubesHaveIsNotThisDisk()
    {
        addStick();
        m_fake->addDisk("2-1", "sdb", "8:16");
        giveToQube("vbd-1-1", "8:16\n"); // hexadecimal: another one
        giveToQube("vbd-1-2", "8:2\n");
        int number = 0;
        for (const char *nonsense : {"", "\n", "8", "8:", ":0", "8:0x", "8:0 ", "100000008:0", "x:y"})
            giveToQube("vbd-2-" + std::to_string(++number), nonsense);
        giveToQube("module", "8:0\n");
        fs::create_directories(m_fake->sys("bus/xen-backend/drivers/vbd/vbd-3-1")); // not connected yet
        VERIFY_SUCCEEDS(claim());
        giveToQube("vbd-x-1", "8:0\n");
        verifyInUse("/dev/sda is a block device of another qube; detach it there first");
    }

    void disksOfOtherDevicesDoNotMatter()
    {
        m_fake->addDisk("2-1", "sda", "8:0");
        m_fake->addDevice("2-2");
        m_fake->addInterface("2-2", "1.0", "080650");
        m_fake->addDisk("2-2", "sdb", "8:16", {{"sdb1", "8:17"}});
        m_fake->addHolder("sdb1", "dm-0");
        m_fake->setMountinfo("22 1 8:17 / /mnt rw - vfat /dev/sdb1 rw\n");
        VERIFY_SUCCEEDS(claim());
    }

    void aDeviceThatGoesHasNoDisks()
    {
        m_fake->addDisk("2-1", "sda", "8:0");
        const UsbDevice gone = device();
        m_fake->unplug("2-1");
        VERIFY_SUCCEEDS(StorageUse::claim(m_fake->paths(), gone, Deadline(patience)));
    }
};

QTEST_GUILESS_MAIN(TestInUse)
#include "tst_inuse.moc"
