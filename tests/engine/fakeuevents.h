// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "forked.h"

#include <memory>
#include <string>
#include <utility>

/// The kernel's uevents for USB devices, by umockdev: the program runs with libumockdev-preload, which stands in for
/// netlink. What sysfs says is FakeSysfs' business. The testbed lives in a process of its own, because it has threads,
/// and a program with threads must not fork as these tests do.
class FakeUevents
{
public:
    FakeUevents();
    FakeUevents(const FakeUevents &) = delete;
    FakeUevents &operator=(const FakeUevents &) = delete;
    ~FakeUevents();

    static bool available();

    /// A whole device that events can be sent for; `type`: usb_device or usb_interface.
    void add(const std::string &name, const std::string &type = "usb_device") const { ask("add", name, type); }
    void send(const std::string &name, const std::string &action) const { ask("send", name, action); }
    /// The way to the testbed; a forked process that closes others has to keep it.
    int fd() const { return m_ends.first.get(); }
    void moveTo(int fd);

private:
    void ask(const std::string &what, const std::string &name, const std::string &detail) const;

    std::pair<engine::UniqueFd, engine::UniqueFd> m_ends;
    std::unique_ptr<Forked> m_testbed; // last: it needs the sockets
};
