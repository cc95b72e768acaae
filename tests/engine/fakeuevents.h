// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <umockdev.h>

/// The kernel's uevents for USB devices, by umockdev: the program runs with libumockdev-preload, which stands in for
/// netlink. What sysfs says is FakeSysfs' business.
class FakeUevents
{
public:
    FakeUevents()
        : m_testbed(umockdev_testbed_new())
    {
    }
    FakeUevents(const FakeUevents &) = delete;
    FakeUevents &operator=(const FakeUevents &) = delete;
    ~FakeUevents() { g_object_unref(m_testbed); }

    static bool available() { return umockdev_in_mock_environment() != 0; }

    /// A whole device that events can be sent for; `type`: usb_device or usb_interface.
    void add(const std::string &name, const char *type = "usb_device")
    {
        const char *attributes[] = {"speed", "480", nullptr};
        const char *properties[] = {"DEVTYPE", type, "ID_SERIAL_SHORT", "0001", nullptr};
        char *path = umockdev_testbed_add_devicev(m_testbed, "usb", name.c_str(), nullptr,
                                                  const_cast<char **>(attributes), const_cast<char **>(properties));
        g_free(path);
    }
    void send(const std::string &name, const char *action)
    {
        umockdev_testbed_uevent(m_testbed, ("/sys/devices/" + name).c_str(), action);
    }

private:
    UMockdevTestbed *m_testbed;
};
