// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "kernel/storageuse.h"
#include "show.h"

using namespace engine;
using namespace std::string_literals;

class TestStorageUse : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), *BusId::parse("2-1"))); }
    Result<StorageUse> claim() const { return StorageUse::claim(m_fake->paths(), device()); }

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
        std::map<std::string, std::pair<std::string, bool>> found;
        for (const BlockDevice &block : blockDevices(device()))
            found[block.name] = {block.numbers, block.isDisk};
        QCOMPARE(
            found,
            (std::map<std::string, std::pair<std::string, bool>>{
                {"sda", {"8:0", true}}, {"sda1", {"8:1", false}}, {"sda2", {"8:2", false}}, {"sdb", {"8:16", true}}}));
    }

    void aDeviceWithoutDisks()
    {
        QVERIFY(blockDevices(device()).empty());
        VERIFY_SUCCEEDS(claim());
    }

    void anUnusedDisk()
    {
        m_fake->addDisk("2-1", "sda", "8:0", {{"sda1", "8:1"}});
        m_fake->setMountinfo("22 1 8:17 / / rw - ext4 /dev/sdb1 rw\n");
        VERIFY_SUCCEEDS(claim());
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
        m_fake->addDisk("2-1", "sda", "8:0", {{"sda1", "8:1"}});
        m_fake->setMountinfo(bytesOf(mountinfo));
        const auto use = claim();
        VERIFY_FAILS(use, Fault::Unsuitable);
        QVERIFY2(use.error().text.find("mounted at " + bytesOf(place) + ';') != std::string::npos,
                 use.error().text.c_str());
        QVERIFY(use.error().text.ends_with("unmount it first"));
    }

    void aNameThatOnlyBeginsAlikeIsAnother()
    {
        m_fake->addDisk("2-1", "sda", "8:0", {{"sda1", "8:1"}});
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
        m_fake->addDisk("2-1", "sda", "8:0", {{"sda1", "8:1"}});
        m_fake->addHolder("sda1", "dm-3");
        const auto use = claim();
        VERIFY_FAILS(use, Fault::Unsuitable);
        QVERIFY(use.error().text.find("/dev/sda1 is in use by dm-3") != std::string::npos);
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
        VERIFY_SUCCEEDS(StorageUse::claim(m_fake->paths(), gone));
    }
};

QTEST_GUILESS_MAIN(TestStorageUse)
#include "tst_storageuse.moc"
