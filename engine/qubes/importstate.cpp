// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/importstate.h"

#include "kernel/sysfsdir.h"
#include "kernel/usbdevice.h"
#include "values/untrusted.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sstream>

namespace engine {

namespace {

constexpr std::string_view prefix = "usb-import-";
constexpr std::string_view suffix = ".state";

} // namespace

std::string ImportKey::fileName() const
{
    return std::string(prefix) + backend.text() + '-' + device.text() + std::string(suffix);
}

std::optional<ImportKey> ImportKey::fromFile(const Paths &paths, std::string_view untrusted)
{
    if (const std::size_t slash = untrusted.rfind('/'); slash != std::string_view::npos) {
        const std::string_view folder = untrusted.substr(0, slash);
        if (folder != paths.run && folder != "/var/run/qubes")
            return std::nullopt;
        untrusted.remove_prefix(slash + 1);
    }
    if (!untrusted.starts_with(prefix) || !untrusted.ends_with(suffix) ||
        untrusted.size() < prefix.size() + suffix.size())
        return std::nullopt;
    const std::string_view both = untrusted.substr(prefix.size(), untrusted.size() - prefix.size() - suffix.size());
    // A busid has exactly one '-', a vendor and product id none: the device begins at the last or last but one.
    for (std::size_t dash = both.rfind('-'); dash != std::string_view::npos && dash > 0;
         dash = both.rfind('-', dash - 1)) {
        const auto device = DeviceSpec::parse(both.substr(dash + 1));
        const auto backend = QubeName::parse(both.substr(0, dash));
        if (device && backend)
            return ImportKey{*backend, *device};
    }
    return std::nullopt;
}

std::optional<ImportKey> ImportKey::fromRequest(std::string_view untrusted)
{
    if (untrusted.ends_with('\n'))
        untrusted.remove_suffix(1);
    const std::size_t blank = untrusted.find(' ');
    if (blank == std::string_view::npos)
        return std::nullopt;
    const auto backend = QubeName::parse(untrusted.substr(0, blank));
    const auto device = DeviceSpec::parse(untrusted.substr(blank + 1));
    return backend && device ? std::optional(ImportKey{*backend, *device}) : std::nullopt;
}

Result<ImportState> ImportState::load(const Paths &paths, const ImportKey &key)
{
    const auto text = readFile(paths.run + '/' + key.fileName());
    if (!text)
        return text.error();
    std::istringstream words(*text);
    std::string port;
    std::string localBusid;
    std::string devId;
    words >> port >> localBusid >> devId;
    // usb-import of qubes-usb-proxy writes the port as the kernel lists it: "0015".
    const auto portNumber = parsePaddedNumber(port, 65535);
    if (!portNumber)
        return Error{Fault::System, "the state file " + key.fileName() + " is damaged"};
    ImportState state;
    state.port = static_cast<unsigned>(*portNumber);
    if (BusId::parse(localBusid))
        state.localBusid = localBusid;
    state.devId = static_cast<std::uint32_t>(parseNumber(devId, 0xffffffffU).value_or(0));
    return state;
}

Result<void> ImportState::save(const Paths &paths, const ImportKey &key) const
{
    const std::string path = paths.run + '/' + key.fileName();
    const std::string beside = path + ".new";
    const std::string text = std::to_string(port) + '\n' + localBusid + ' ' + std::to_string(devId) + '\n';
    unlink(beside.c_str());
    UniqueFd file(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file)
        return systemError("cannot write " + beside, errno);
    const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    file.reset();
    if (!written || rename(beside.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(beside.c_str());
        return systemError("cannot write " + path, number);
    }
    return {};
}

void ImportState::remove(const Paths &paths, const ImportKey &key)
{
    const std::string path = paths.run + '/' + key.fileName();
    unlink((path + ".new").c_str());
    unlink(path.c_str());
}

std::vector<ImportKey> ImportState::list(const Paths &paths)
{
    std::vector<ImportKey> keys;
    for (const std::string &name : listFolder(paths.run)) {
        if (auto key = ImportKey::fromFile(paths, name))
            keys.push_back(std::move(*key));
    }
    return keys;
}

} // namespace engine
