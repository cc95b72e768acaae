// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/uevents.h"

#include "forked.h"
#include "show.h"

#include <sys/socket.h>

using namespace engine;
using namespace std::string_literals;

namespace {

/// As the kernel sends it for a stick that came through vhci_hcd.
const std::string bound =
    "bind@/devices/platform/vhci_hcd.0/usb3/3-1\0ACTION=bind\0DEVPATH=/devices/platform/vhci_hcd.0/"
    "usb3/3-1\0SUBSYSTEM=usb\0MAJOR=189\0DEVNAME=bus/usb/003/002\0DEVTYPE=usb_device\0DRIVER=usb\0"
    "SEQNUM=1234\0"s;

std::string replaced(std::string text, const std::string &what, const std::string &by)
{
    return text.replace(text.find(what), what.size(), by);
}

} // namespace

class TestUevents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theKernelsOwnWords()
    {
        const auto event = Uevent::parse(bound);
        QVERIFY(event);
        QCOMPARE(event->action, "bind"s);
        QCOMPARE(event->busid, "3-1"s);
    }

    void whatIsNoEventOfAWholeDevice_data()
    {
        QTest::addColumn<QByteArray>("datagram");
        const auto row = [](const char *name, const std::string &text) {
            QTest::newRow(name) << QByteArray(text.data(), static_cast<qsizetype>(text.size()));
        };
        row("empty", "");
        row("no path", "bind\0DEVTYPE=usb_device\0"s);
        row("no end", "bind@/devices/3-1");
        row("an interface", replaced(replaced(bound, "usb3/3-1", "usb3/3-1/3-1:1.0"), "usb_device", "usb_interface"));
        row("an interface that claims to be a device", replaced(bound, "usb3/3-1", "usb3/3-1/3-1:1.0"));
        row("another subsystem's", replaced(bound, "DEVTYPE=usb_device", "DEVTYPE=disk"));
        row("a root hub", replaced(bound, "usb3/3-1", "usb3"));
        // udevd's begin with this; its path is somewhere in the middle.
        row("udevd's", "libudev\0\xfe\xed\xca\xfe@/3-1\0DEVTYPE=usb_device\0"s);
    }
    void whatIsNoEventOfAWholeDevice()
    {
        QFETCH(QByteArray, datagram);
        QVERIFY(!Uevent::parse(bytesOf(datagram)));
    }

    void theyComeInOrderAndOthersAreSkipped()
    {
        std::array<int, 2> ends{};
        QCOMPARE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        const UniqueFd kernel(ends[1]);
        const Uevents events{UniqueFd(ends[0])};
        QVERIFY(!events.next());
        for (const std::string &text : {"add@/devices/virtual/net/lo\0"s, bound, replaced(bound, "bind@", "remove@")})
            QCOMPARE(::send(kernel.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
        QCOMPARE(events.next()->action, "bind"s);
        QCOMPARE(events.next()->action, "remove"s);
        QVERIFY(!events.next());
    }

    void theKernelsCanBeListenedTo() { VERIFY_SUCCEEDS(Uevents::open()); }
};

QTEST_GUILESS_MAIN(TestUevents)
#include "tst_uevents.moc"
