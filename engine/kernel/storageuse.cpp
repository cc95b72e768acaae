// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/storageuse.h"

#include "values/untrusted.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
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

/// Where it is mounted or used as swap, empty if it is not.
std::string placeOf(const Paths &paths, const BlockDevice &block)
{
    const std::string mounts =
        readFile(paths.proc + "/self/mountinfo") ? *readFile(paths.proc + "/self/mountinfo") : "";
    std::istringstream mountLines(mounts);
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
    for (const std::string &holder : listFolder(block.folder + "/holders"))
        return "in use by " + cleanText(holder, 32) + " (encryption, RAID or LVM)";
    return {};
}

Error inUse(const UsbDevice &device, const BlockDevice &block, const std::string &place)
{
    return {Fault::Unsuitable, "device " + device.busid().text() + " has a disk in use: /dev/" + block.name + " is " +
                                   place + "; " +
                                   (place.starts_with("mounted") ? "unmount it first" : "release it first")};
}

} // namespace

std::vector<BlockDevice> blockDevices(const UsbDevice &device)
{
    namespace fs = std::filesystem;
    std::vector<BlockDevice> found;
    std::error_code ignored; // a device that goes while we look has no disks
    const auto add = [&](const fs::path &folder, bool isDisk) {
        const auto numbers = readFile(folder / "dev");
        if (numbers)
            found.push_back({folder.filename(), cleanText(*numbers, 16), folder, isDisk});
    };
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(device.dir().realPath(), options, ignored), end; at != end;
         at.increment(ignored)) {
        if (ignored)
            break;
        if (at->path().filename() != "block" || !at->is_directory(ignored) || at->is_symlink(ignored))
            continue;
        for (const std::string &disk : listFolder(at->path())) {
            add(at->path() / disk, true);
            for (const std::string &part : listFolder(at->path() / disk)) {
                if (fs::exists(at->path() / disk / part / "partition", ignored))
                    add(at->path() / disk / part, false);
            }
        }
        at.disable_recursion_pending();
    }
    return found;
}

Result<StorageUse> StorageUse::claim(const Paths &paths, const UsbDevice &device)
{
    StorageUse use;
    const auto blocks = blockDevices(device);
    // First the claims, then the look: what is claimed can't be mounted any more. An exclusive claim of a disk is
    // refused while any of its partitions is mounted, in whatever mount namespace (bd_prepare_to_claim() in
    // block/bdev.c).
    const BlockDevice *busy = nullptr;
    for (const BlockDevice &block : blocks) {
        if (!block.isDisk)
            continue;
        UniqueFd disk(::open((paths.dev + '/' + block.name).c_str(), O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC));
        if (disk)
            use.m_disks.push_back(std::move(disk));
        else if (errno == EBUSY)
            busy = &block;
    }
    for (const BlockDevice &block : blocks) {
        const std::string place = placeOf(paths, block);
        if (!place.empty())
            return inUse(device, block, place);
    }
    if (busy != nullptr)
        return inUse(device, *busy, "in use by another program or mount namespace");
    return use;
}

} // namespace engine
