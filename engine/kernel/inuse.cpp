// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/inuse.h"

#include "base/helper.h"
#include "base/subprocess.h"
#include "kernel/sysfsdir.h"
#include "values/split.h"
#include "values/untrusted.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {

namespace {

/// "\040" and the like, as /proc/self/mountinfo and /proc/swaps write blanks, back to the bytes (show_mountinfo() in
/// fs/proc_namespace.c).
std::string unescaped(const std::string &text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
            plain += static_cast<char>(value);
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

/// "net" of /sys/.../net/eth0.
std::string parentName(const std::string &path)
{
    return baseName(path.substr(0, path.rfind('/')));
}

/// Calls `see` with this folder and each below it. What goes meanwhile is left out.
void walk(const std::string &folder, const std::function<void(const std::string &)> &see)
{
    see(folder);
    for (const std::string &name : listFolder(folder)) {
        const std::string path = folder + '/' + name;
        struct stat info
        {
        };
        if (lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
            walk(path, see);
    }
}

void walk(const UsbDevice &device, const std::function<void(const std::string &)> &see)
{
    const std::string top = device.dir().realPath();
    if (!top.empty())
        walk(top, see);
}

/// "8:1" or, with base 16, "fd:3" as one number.
std::optional<std::uint64_t> deviceNumber(std::string_view text, int base)
{
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    const char *const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, major, base);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':')
        return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, minor, base);
    if (second.ec != std::errc() || second.ptr != end)
        return std::nullopt;
    return std::uint64_t{major} << 32U | minor;
}

/// The qube that a domain number stands for, in words.
std::string qubeOfDomain(const Paths &paths, std::string_view domain)
{
    const auto number = parseNumber(domain, 65535);
    if (!number)
        return "another qube";
    const std::string id = std::to_string(*number);
    if (!findProgram("xenstore-read", paths.programs).empty()) {
        const auto read = runProgram({"xenstore-read", "/local/domain/" + id + "/name"},
                                     Deadline(std::chrono::seconds(5)), paths.programs);
        if (read && read->code == 0 && !read->out.empty())
            return "qube " + cleanText(read->out, 40);
    }
    return "the qube with domain number " + id;
}

/// The qube that has it as a block device, empty if none has. xen-blkback opens what it is given without O_EXCL, so
/// nothing else tells (drivers/block/xen-blkback/xenbus.c: vbd-DOMID-DEVID/physical_device is "%x:%x").
std::string qubeThatHas(const Paths &paths, const BlockDevice &block)
{
    const auto wanted = deviceNumber(block.numbers, 10);
    const std::string folder = paths.sys + "/bus/xen-backend/drivers/vbd";
    for (const std::string &name : listFolder(folder)) {
        if (!name.starts_with("vbd-"))
            continue;
        const auto backend = SysfsDir::open(folder + '/' + name);
        const auto numbers = backend ? backend->find("physical_device") : std::nullopt;
        if (wanted && numbers && deviceNumber(*numbers, 16) == wanted)
            return qubeOfDomain(paths, std::string_view(name).substr(4, name.find('-', 4) - 4));
    }
    return {};
}

/// Where it is in use, empty if it is not.
std::string placeOf(const Paths &paths, const BlockDevice &block)
{
    if (const std::string qube = qubeThatHas(paths, block); !qube.empty())
        return "a block device of " + qube;
    const auto mounts = readFile(paths.proc + "/self/mountinfo");
    for (const std::string &line : linesOf(mounts ? *mounts : "")) {
        // mount id, parent id, major:minor, root, mount point ... - type source options (proc(5)). Btrfs shows numbers
        // of its own, so the source counts too.
        const auto words = wordsOf(line);
        if (words.size() > 4 &&
            (words[2] == block.numbers || line.find(" /dev/" + block.name + ' ') != std::string::npos))
            return "mounted at " + cleanText(unescaped(words[4]), 100);
    }
    const auto swaps = readFile(paths.proc + "/swaps");
    if (swaps && swaps->find("/dev/" + block.name + ' ') != std::string::npos)
        return "used as swap";
    return {};
}

/// What lies on it, empty if nothing does.
std::string holderOf(const BlockDevice &block)
{
    for (const std::string &holder : listFolder(block.folder + "/holders"))
        return "in use by " + cleanText(holder, 32) + " (encryption, RAID or LVM)";
    return {};
}

Error inUse(const UsbDevice &device, const BlockDevice &block, const std::string &place)
{
    const char *const advice = place.starts_with("mounted")          ? "unmount it first"
                               : place.starts_with("a block device") ? "detach it there first"
                                                                     : "release it first";
    return {Fault::Unsuitable, "device " + device.busid().text() + " has a disk in use: /dev/" + block.name + " is " +
                                   place + "; " + advice};
}

bool isLinkLocal(std::string_view address)
{
    return address.starts_with("fe8") || address.starts_with("ff");
}

/// Whether an interface has a route in /proc/net/route (fib_route_seq_show() in net/ipv4/fib_trie.c) or
/// /proc/net/ipv6_route (rt6_info_route() in net/ipv6/route.c) that counts.
bool hasRoute(const Paths &paths, const std::string &interface)
{
    constexpr unsigned long up = 1;
    constexpr unsigned long localOrAnycast = 0x80100000;
    const auto hex = [](const std::string &text) { return std::strtoul(text.c_str(), nullptr, 16); };
    const auto four = readFile(paths.proc + "/net/route");
    for (const std::string &line : linesOf(four ? *four : "")) {
        // interface, target, gateway, flags ...; 169.254.0.0 with the least significant byte first
        const auto words = wordsOf(line);
        if (words.size() > 3 && words[0] == interface && (hex(words[3]) & up) != 0 && !words[1].ends_with("FEA9"))
            return true;
    }
    const auto six = readFile(paths.proc + "/net/ipv6_route");
    for (const std::string &line : linesOf(six ? *six : "")) {
        const auto words = wordsOf(line);
        if (words.size() == 10 && words[9] == interface && (hex(words[8]) & up) != 0 &&
            (hex(words[8]) & localOrAnycast) == 0 && !isLinkLocal(words[0]))
            return true;
    }
    return false;
}

/// Nodes of all that the device has, with the folder of nodes before them.
std::set<std::string> nodesOf(const Paths &paths, const UsbDevice &device)
{
    constexpr std::string_view key = "DEVNAME=";
    std::set<std::string> nodes;
    walk(device, [&](const std::string &folder) {
        const auto properties = readFile(folder + "/uevent");
        for (const std::string &line : linesOf(properties ? *properties : "")) {
            if (line.starts_with(key))
                nodes.insert(paths.dev + '/' + line.substr(key.size()));
        }
    });
    return nodes;
}

} // namespace

std::vector<BlockDevice> blockDevices(const Paths &paths, const UsbDevice &device)
{
    std::vector<BlockDevice> found;
    const auto add = [&](const std::string &folder, bool isDisk) {
        const std::string name = baseName(folder);
        const auto numbers = readFile(folder + "/dev");
        if (numbers && std::ranges::find(found, name, &BlockDevice::name) == found.end())
            found.push_back({name, cleanText(*numbers, 16), folder, isDisk});
    };
    walk(device, [&](const std::string &folder) {
        if (parentName(folder) == "block")
            add(folder, true);
        else if (access((folder + "/partition").c_str(), F_OK) == 0)
            add(folder, false);
    });
    // What lies on them, and on that. A loop device names a file, which may be the node of a disk; it is no holder.
    const std::string blocks = paths.sys + "/class/block";
    // NOLINTNEXTLINE(modernize-loop-convert): what is found is added to what is gone through
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (const std::string &holder : listFolder(found[i].folder + "/holders"))
            add(blocks + '/' + holder, false);
        for (const std::string &name : listFolder(blocks)) {
            const auto backing = name.starts_with("loop") ? readFile(blocks + '/' + name + "/loop/backing_file")
                                                          : Result<std::string>(std::string());
            if (backing && *backing == "/dev/" + found[i].name + '\n')
                add(blocks + '/' + name, false);
        }
    }
    return found;
}

Result<StorageUse> StorageUse::claim(const Paths &paths, const UsbDevice &device, Deadline deadline)
{
    StorageUse use;
    const auto blocks = blockDevices(paths, device);
    // First the claims, then the look: what is claimed can't be mounted any more. An exclusive claim of a disk is
    // refused while any of its partitions is mounted, in whatever mount namespace (bd_prepare_to_claim() in
    // block/bdev.c).
    const BlockDevice *busy = nullptr;
    for (const BlockDevice &block : blocks) {
        if (!block.isDisk)
            continue;
        auto disk = openOrGiveUp(paths.dev + '/' + block.name, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC, deadline);
        if (disk)
            use.m_disks.push_back(std::move(*disk));
        else if (disk.error().number == EBUSY)
            busy = &block;
        else if (disk.error().fault == Fault::Timeout)
            return disk.error(); // a card reader that hangs, say
    }
    for (const BlockDevice &block : blocks) {
        if (const std::string place = placeOf(paths, block); !place.empty())
            return inUse(device, block, place);
    }
    for (const BlockDevice &block : blocks) {
        if (block.name.starts_with("loop"))
            return inUse(device, blocks.front(), "in use by " + block.name);
        if (const std::string holder = holderOf(block); !holder.empty())
            return inUse(device, block, holder);
    }
    if (busy != nullptr)
        return inUse(device, *busy, "in use by another program or mount namespace");
    return use;
}

Result<void> checkNetworkUse(const Paths &paths, const UsbDevice &device)
{
    std::string used;
    walk(device, [&](const std::string &folder) {
        if (parentName(folder) == "net" && hasRoute(paths, baseName(folder)))
            used = baseName(folder);
    });
    if (used.empty())
        return {};
    return Error{Fault::Unsuitable, "device " + device.busid().text() + " is a network adapter in use: traffic goes " +
                                        "through " + cleanText(used, 16) + "; disconnect it first"};
}

std::vector<std::string> usersOf(const Paths &paths, const UsbDevice &device)
{
    constexpr std::size_t limit = 8;
    std::vector<std::string> users;
    const auto nodes = nodesOf(paths, device);
    if (nodes.empty())
        return users;
    for (const std::string &process : listFolder(paths.proc)) {
        // Not ourselves, who hold the disks while we look.
        if (!parseNumber(process, 0x7fffffff) || process == std::to_string(getpid()))
            continue;
        const std::string folder = paths.proc + '/' + process + "/fd/";
        const auto names = listFolder(folder);
        const bool uses = std::ranges::any_of(
            names, [&](const std::string &name) { return nodes.contains(linkTarget(folder + name)); });
        if (!uses)
            continue;
        const auto name = readFile(paths.proc + '/' + process + "/comm");
        users.push_back(cleanText(name ? *name : "?", 15) + " (" + process + ')');
        if (users.size() == limit)
            break;
    }
    return users;
}

} // namespace engine
