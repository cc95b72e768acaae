// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeuevents.h"

#include "forked.h"
#include "kernel/deviceevents.h"
#include "show.h"

#include <poll.h>

using namespace engine;
using namespace std::string_literals;

class TestDeviceEvents : public QObject
{
    Q_OBJECT

    std::optional<DeviceEvents> m_events;

    /// The next one, waited for.
    DeviceEvents::Event next()
    {
        std::optional<DeviceEvents::Event> event;
        becomesTrue([&] {
            event = m_events->next();
            return event.has_value();
        });
        return event.value_or(DeviceEvents::Event{"nothing came", ""});
    }

private Q_SLOTS:
    void initTestCase()
    {
        const FakeUevents kernel;
        QVERIFY2(FakeUevents::available(), "to be run with libumockdev-preload");
    }

    void whatHappensAfterItWasOpened()
    {
        FakeUevents kernel;
        kernel.add("3-1");
        kernel.send("3-1", "add");
        auto events = DeviceEvents::open();
        VERIFY_SUCCEEDS(events);
        m_events.emplace(std::move(*events));
        QVERIFY(!m_events->next()); // no waiting
        kernel.send("3-1", "bind");
        const auto event = next();
        QCOMPARE(event.action, "bind"s);
        QCOMPARE(event.busid, "3-1"s);
        QVERIFY(!m_events->next());
        m_events.reset();
    }

    void itsDescriptorTellsWhenToLook()
    {
        FakeUevents kernel;
        kernel.add("3-1");
        auto events = DeviceEvents::open();
        VERIFY_SUCCEEDS(events);
        pollfd entry{events->fd(), POLLIN, 0};
        QCOMPARE(poll(&entry, 1, 0), 0);
        kernel.send("3-1", "remove");
        QCOMPARE(poll(&entry, 1, static_cast<int>(patience.count())), 1);
    }

    void interfacesAreNotDevices()
    {
        FakeUevents kernel;
        kernel.add("3-1");
        kernel.add("3-1:1.0", "usb_interface");
        auto events = DeviceEvents::open();
        VERIFY_SUCCEEDS(events);
        m_events.emplace(std::move(*events));
        kernel.send("3-1:1.0", "bind");
        kernel.send("3-1", "bind");
        QCOMPARE(next().busid, "3-1"s);
        m_events.reset();
    }

    void propertiesOfUdev()
    {
        FakeUevents kernel;
        kernel.add("3-1");
        QCOMPARE(udevProperty("3-1", "ID_SERIAL_SHORT"), "0001"s);
        QCOMPARE(udevProperty("3-1", "NO_SUCH_THING"), ""s);
        QCOMPARE(udevProperty("9-9", "ID_SERIAL_SHORT"), ""s);
    }
};

QTEST_APPLESS_MAIN(TestDeviceEvents)
#include "tst_deviceevents.moc"
