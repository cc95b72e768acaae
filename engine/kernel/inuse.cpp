// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/inuse.h"

#include "base/helper.h"
#include "base/subprocess.h"
#include "kernel/sysfsdir.h"
#include "values/untrusted.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>

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

/// Calls `see` with each folder below the device, itself too. What goes meanwhile is left out.
void walk(const UsbDevice &device, const std::function<void(const std::filesystem::path &)> &see)
{
    namespace fs = std::filesystem;
    const std::string top = device.dir().realPath();
    if (top.empty())
        return;
    see(top);
    std::error_code gone;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(top, options, gone), end; !gone && at != end; at.increment(gone)) {
        std::error_code ignored;
        if (at->is_directory(ignored) && !at->is_symlink(ignored))
            see(at->path());
    }
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
    std::istringstream mountLines(mounts ? *mounts : "");
    for (std::string line; std::getline(mountLines, line);) {
        // mount id, parent id, major:minor, root, mount point ... - type source options (proc(5)). Btrfs shows numbers
        // of its own, so the source counts too.
        std::istringstream words(line);
        std::string id;
        std::string parent;
        std::string numbers;
        std::string root;
        std::string point;
        words >> id >> parent >> numbers >> root >> point;
        if (numbers == block.numbers || line.find(" /dev/" + block.name + ' ') != std::string::npos)
            return "mounted at " + cleanText(unescaped(point), 100);
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
    std::istringstream lines(four ? *four : "");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name;
        std::string target;
        std::string gateway;
        std::string flags;
        words >> name >> target >> gateway >> flags;
        // 169.254.0.0, the least significant byte first
        if (name == interface && (hex(flags) & up) != 0 && !target.ends_with("FEA9"))
            return true;
    }
    const auto six = readFile(paths.proc + "/net/ipv6_route");
    std::istringstream moreLines(six ? *six : "");
    for (std::string line; std::getline(moreLines, line);) {
        std::istringstream stream(line);
        const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
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
    walk(device, [&](const std::filesystem::path &folder) {
        const auto properties = readFile(folder / "uevent");
        std::istringstream lines(properties ? *properties : "");
        for (std::string line; std::getline(lines, line);) {
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
    const auto add = [&](const std::filesystem::path &folder, bool isDisk) {
        const std::string name = folder.filename();
        const auto numbers = readFile(folder / "dev");
        if (numbers && std::ranges::find(found, name, &BlockDevice::name) == found.end())
            found.push_back({name, cleanText(*numbers, 16), folder, isDisk});
    };
    walk(device, [&](const std::filesystem::path &folder) {
        std::error_code ignored;
        if (folder.parent_path().filename() == "block")
            add(folder, true);
        else if (std::filesystem::exists(folder / "partition", ignored))
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
    walk(device, [&](const std::filesystem::path &folder) {
        if (folder.parent_path().filename() == "net" && hasRoute(paths, folder.filename()))
            used = folder.filename();
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
        if (!parseNumber(process, 0x7fffffff))
            continue;
        const std::string folder = paths.proc + '/' + process + "/fd/";
        const auto names = listFolder(folder);
        const bool uses = std::ranges::any_of(names, [&](const std::string &name) {
            std::error_code gone;
            return nodes.contains(std::filesystem::read_symlink(folder + name, gone));
        });
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
