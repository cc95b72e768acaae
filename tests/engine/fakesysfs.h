// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/paths.h"

#include <QTemporaryDir>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// A /sys, /proc, /dev and /run of its own that answers writes as the kernel does (drivers/usb/usbip and
/// drivers/base/dd.c of Linux 6.12).
///
/// The tests are linked with --wrap=write and --wrap=ioctl, so a write(2) of the engine to a file below this tree comes
/// here first: the file's reaction gives the errno (0: written) and changes the tree. One at a time per process. All
/// state is in files, so processes that are forked from the test see what the others do.
class FakeSysfs
{
public:
    using Attributes = std::map<std::string, std::string>;
    /// Takes the bytes, gives 0 or an errno.
    using Reaction = std::function<int(const std::string &bytes)>;
    struct Written
    {
        std::string path; ///< relative to the sys folder
        std::string bytes;
        bool operator==(const Written &) const = default;
    };

    FakeSysfs();
    FakeSysfs(const FakeSysfs &) = delete;
    FakeSysfs &operator=(const FakeSysfs &) = delete;
    ~FakeSysfs();

    const engine::Paths &paths() const { return m_paths; }

    // Devices of this qube.

    /// A stick at full attributes; `attributes` replace or add to them. Its driver is "usb".
    void addDevice(const std::string &busid, const Attributes &attributes = {});
    void addHub(const std::string &busid);
    /// A device that came through vhci_hcd.
    void addImported(const std::string &busid);
    void addInterface(const std::string &busid, const std::string &name, const std::string &classSubclassProtocol);
    /// A disk below the first interface, its partitions ("sda1" with its numbers) below it.
    void addDisk(const std::string &busid, const std::string &name, const std::string &numbers,
                 const std::vector<std::pair<std::string, std::string>> &partitions = {});
    void addHolder(const std::string &block, const std::string &holder);
    void unplug(const std::string &busid);
    void setAttribute(const std::string &busid, const std::string &name, const std::string &text);
    std::string attribute(const std::string &busid, const std::string &name) const;
    /// Empty for none.
    std::string driver(const std::string &busid) const;
    void setDriver(const std::string &busid, const std::string &driver);
    void setMountinfo(const std::string &lines);
    void setSwaps(const std::string &lines);

    // Drivers.

    /// usbip-host with its table of 16 busids; binds, unbinds, and takes connections.
    void loadUsbipHost();
    /// What is in match_busid.
    std::vector<std::string> matchTable() const { return linesOf("match_busid"); }
    void setUsbipStatus(const std::string &busid, int status)
    {
        setAttribute(busid, "usbip_status", std::to_string(status));
    }
    /// As after an export has taken the device; for its status see usbip_status in drivers/usb/usbip/stub_dev.c.
    void giveToUsbipHost(const std::string &busid, int status);
    /// vhci_hcd: `controllers` with `ports` ports each on the USB 2 and on the SuperSpeed hub. Buses 3, 4, 5, ...
    void loadVhci(unsigned controllers = 1, unsigned ports = 2);
    /// Text of a port's line from its state on, such as "006 003 00010002 000005 3-1".
    void setPort(unsigned port, const std::string &text);
    /// The state of a module as in /sys/module/NAME/initstate.
    void setModuleState(const std::string &module, const std::string &state);

    // Writes.

    /// Replaces the reaction of a file, path relative to the sys folder. It need not exist before.
    void onWrite(const std::string &path, Reaction reaction);
    /// What the original reaction of the file would do.
    Reaction reaction(const std::string &path) const;
    /// Reaction to USBDEVFS_RESET of any device node.
    void onReset(Reaction reaction) { m_onReset = std::move(reaction); }
    /// All writes to this tree so far, of all processes.
    std::vector<Written> written() const;
    /// Bytes that were written to a file, in order.
    std::vector<std::string> writtenTo(const std::string &path) const;

    /// What the kernel does with a connection that it was given: a process that has this socket and no other
    /// descriptor, and outlives whoever wrote. The fake waits for it at its own end.
    void hold(int socket, const std::function<void(int connection)> &work) const;
    /// Waits until the kernel is done with all of them; false if it never is.
    bool connectionsEnd() const;
    /// Until the other end has gone; ends it on both sides.
    static void waitForEnd(int connection);

    // Plain files, path relative to the sys folder.

    std::string sys(const std::string &path) const { return m_paths.sys + '/' + path; }
    void put(const std::string &path, const std::string &text) const { putFile(sys(path), text); }
    static void putFile(const std::string &path, const std::string &text);
    static std::string get(const std::string &path);

    /// Of the wrapped write(2) and ioctl(2): the answer to a write to `path`, or -1 if that is none of ours.
    int answer(const std::string &path, const std::string &bytes);
    int answerReset(const std::string &path) const;
    static FakeSysfs *current();
    /// Whether this process is in the fake's own code just now.
    static bool isAtWork();
    /// Called by every write of the engine, to this tree or elsewhere; `before` gives 0 or the errno to fail with.
    static void watchWrites(int (*before)(), void (*after)());

private:
    std::string folderOf(const std::string &busid) const;
    std::string devicePath(const std::string &busid) const;
    std::vector<std::string> linesOf(const std::string &record) const;
    void note(const std::string &record, const std::string &line) const;
    /// Of all ports, from the state on.
    std::vector<std::string> ports() const;
    void writeVhciStatus(const std::vector<std::string> &ports) const;
    int usbipBind(const std::string &busid);
    int takeConnection(const std::string &busid, const std::string &bytes);
    int attachPort(const std::string &bytes);
    int detachPort(const std::string &bytes);

    QTemporaryDir m_dir;
    std::string m_root;
    engine::Paths m_paths;
    std::map<std::string, Reaction> m_reactions;
    Reaction m_onReset;
    unsigned m_controllers = 0;
    unsigned m_portsPerHub = 0;
};
