// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakesysfs.h"
#include "kernel/inuse.h"
#include "show.h"

#include <filesystem>

using namespace engine;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

const std::string header =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT       \n";
const std::string none(32, '0');

/// A line of /proc/net/route.
std::string four(const std::string &interface, const std::string &target, const std::string &flags)
{
    return interface + '\t' + target + "\t0100000A\t" + flags + "\t0\t0\t100\t00FFFFFF\t0\t0\t0      \n";
}

/// A line of /proc/net/ipv6_route.
std::string six(const std::string &target, const std::string &length, const std::string &flags,
                const std::string &interface)
{
    return target + ' ' + length + ' ' + none + " 00 " + none + " 00000100 00000001 00000000 " + flags + "    " +
           interface + '\n';
}

} // namespace

/// What inuse.h has beside disks.
class TestOtherUse : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;

    UsbDevice device() const { return std::move(*UsbDevice::open(m_fake->paths(), *BusId::parse("2-1"))); }
    std::string below(const std::string &path) const { return device().dir().realPath() + '/' + path; }
    void addInterface(const std::string &name) const { fs::create_directories(below("2-1:1.0/net/" + name)); }
    void setRoutes(const std::string &routes) const { FakeSysfs::putFile(m_fake->paths().proc + "/net/route", routes); }
    void setRoutes6(const std::string &routes) const
    {
        FakeSysfs::putFile(m_fake->paths().proc + "/net/ipv6_route", routes);
    }
    Result<void> check() const { return checkNetworkUse(m_fake->paths(), device()); }
    /// A file of /dev that the device has.
    void addNode(const std::string &folder, const std::string &node) const
    {
        FakeSysfs::putFile(below(folder + "/uevent"), "MAJOR=81\nMINOR=0\nDEVNAME=" + node + "\nDEVTYPE=x\n");
    }
    void addProcess(const std::string &pid, const std::string &name, const std::vector<std::string> &files) const
    {
        const std::string folder = m_fake->paths().proc + '/' + pid;
        FakeSysfs::putFile(folder + "/comm", name + '\n');
        fs::create_directories(folder + "/fd");
        int fd = 0;
        for (const std::string &file : files)
            fs::create_symlink(file, folder + "/fd/" + std::to_string(fd++));
    }
    std::string dev(const std::string &node) const { return m_fake->paths().dev + '/' + node; }
    std::vector<std::string> users() const { return usersOf(m_fake->paths(), device()); }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_fake->addDevice("2-1");
        m_fake->addInterface("2-1", "1.0", "020600");
    }
    void cleanup() { m_fake.reset(); }

    void noNetworkAdapter()
    {
        VERIFY_SUCCEEDS(check()); // nor lists of routes
        setRoutes(header + four("eth0", "00000000", "0003"));
        VERIFY_SUCCEEDS(check());
    }

    void trafficOfTheInternetProtocol_data()
    {
        QTest::addColumn<QByteArray>("routes");
        QTest::addColumn<bool>("isUsed");
        const auto add = [](const char *name, const std::string &routes, bool isUsed) {
            QTest::newRow(name) << QByteArray::fromStdString(header + routes) << isUsed;
        };
        add("none", "", false);
        add("default route", four("wwan0", "00000000", "0003"), true);
        add("a net", four("wwan0", "0001A8C0", "0001"), true);
        add("after others", four("eth0", "00000000", "0003") + four("wwan0", "0001A8C0", "0001"), true);
        add("link-local", four("wwan0", "0000FEA9", "0001"), false);
        add("down", four("wwan0", "0001A8C0", "0002"), false);
        add("another's", four("eth0", "00000000", "0003"), false);
        add("a name that begins alike", four("wwan01", "00000000", "0003"), false);
        add("cut", "wwan0\t0000", false);
    }
    void trafficOfTheInternetProtocol()
    {
        QFETCH(QByteArray, routes);
        QFETCH(bool, isUsed);
        addInterface("wwan0");
        setRoutes(bytesOf(routes));
        const auto checked = check();
        QCOMPARE(static_cast<bool>(checked), !isUsed);
        if (!isUsed)
            return;
        QCOMPARE(checked.error().fault, Fault::Unsuitable);
        QCOMPARE(checked.error().text,
                 "device 2-1 is a network adapter in use: traffic goes through wwan0; disconnect it first"s);
    }

    void trafficOfItsSixthVersion_data()
    {
        QTest::addColumn<QByteArray>("routes");
        QTest::addColumn<bool>("isUsed");
        const auto add = [](const char *name, const std::string &routes, bool isUsed) {
            QTest::newRow(name) << QByteArray::fromStdString(routes) << isUsed;
        };
        const std::string net = "20010db8000000000000000000000000";
        const std::string own = "20010db8000000000000000000000001";
        const std::string linkLocal = "fe800000000000000000000000000000";
        add("none", "", false);
        add("default route", six(none, "00", "00450003", "wwan0"), true);
        add("a net", six(net, "40", "00000001", "wwan0"), true);
        // What every interface has.
        add("link-local", six(linkLocal, "40", "00000001", "wwan0"), false);
        add("multicast", six("ff000000000000000000000000000000", "08", "00000001", "wwan0"), false);
        add("own address", six(own, "80", "80200001", "wwan0"), false);
        add("anycast", six(net, "80", "00100001", "wwan0"), false);
        add("all of these, then a net",
            six(linkLocal, "40", "00000001", "wwan0") + six(own, "80", "80200001", "wwan0") +
                six(net, "40", "00000001", "wwan0"),
            true);
        add("down", six(net, "40", "00000000", "wwan0"), false);
        add("unreachable", six(none, "00", "00200200", "lo"), false);
        add("another's", six(net, "40", "00000001", "eth0"), false);
        add("cut", net + " 40 wwan0\n", false);
    }
    void trafficOfItsSixthVersion()
    {
        QFETCH(QByteArray, routes);
        QFETCH(bool, isUsed);
        addInterface("wwan0");
        setRoutes(header);
        setRoutes6(bytesOf(routes));
        QCOMPARE(static_cast<bool>(check()), !isUsed);
    }

    void oneOfSeveralInterfacesIsEnough()
    {
        addInterface("wwan0");
        addInterface("wwan1");
        addInterface("wwan2");
        setRoutes(header + four("wwan1", "00000000", "0003"));
        VERIFY_FAILS(check(), Fault::Unsuitable);
        QVERIFY(check().error().text.find("through wwan1;") != std::string::npos);
    }

    void nobodyUsesIt()
    {
        QVERIFY(users().empty());
        addNode("2-1:1.0/video4linux/video0", "video0");
        addProcess("100", "cat", {dev("null"), dev("video1"), "socket:[123]"});
        QVERIFY(users().empty());
    }

    void whoHasAnythingOfItOpen()
    {
        addNode(".", "bus/usb/002/003");
        addNode("2-1:1.0/video4linux/video0", "video0");
        addNode("2-1:1.1/ttyUSB0/tty/ttyUSB0", "ttyUSB0");
        addProcess("100", "cheese", {dev("null"), dev("video0")});
        addProcess("101", "minicom", {dev("ttyUSB0")});
        addProcess("102", "pcscd", {dev("null"), dev("bus/usb/002/003"), dev("bus/usb/002/003"), dev("video0")});
        addProcess("103", "bash", {dev("pts/0")});
        addProcess("self", "cheese", {dev("video0")});
        addProcess(std::to_string(getpid()), "usb-keeper", {dev("video0")}); // who looks may have claimed it
        QCOMPARE(users(), (std::vector{"cheese (100)"s, "minicom (101)"s, "pcscd (102)"s}));
    }

    void theirNamesAreTheirs()
    {
        addNode("2-1:1.0/video4linux/video0", "video0");
        addProcess("100", "\x1b[2Jabcdefghijklmnopqrstuvwxyz", {dev("video0")});
        addProcess("101", "gone", {dev("video0")});
        fs::remove(m_fake->paths().proc + "/101/comm");
        QCOMPARE(users(), (std::vector{"_[2Jabcdefgh... (100)"s, "? (101)"s}));
    }

    void atMostEightAreNamed()
    {
        addNode("2-1:1.0/video4linux/video0", "video0");
        for (int pid = 101; pid <= 120; ++pid)
            addProcess(std::to_string(pid), "cheese", {dev("video0")});
        QCOMPARE(users().size(), std::size_t{8});
    }

    void aDeviceThatHasGoneIsNotInUse()
    {
        addInterface("wwan0");
        addNode(".", "bus/usb/002/003");
        addProcess("100", "pcscd", {dev("bus/usb/002/003")});
        setRoutes(header + four("wwan0", "00000000", "0003"));
        const UsbDevice gone = device();
        m_fake->unplug("2-1");
        VERIFY_SUCCEEDS(checkNetworkUse(m_fake->paths(), gone));
        QVERIFY(usersOf(m_fake->paths(), gone).empty());
    }
};

QTEST_APPLESS_MAIN(TestOtherUse)
#include "tst_otheruse.moc"
