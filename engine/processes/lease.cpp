// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/lease.h"

#include "base/uniquefd.h"
#include "kernel/sysfsdir.h"
#include "values/untrusted.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <map>
#include <unistd.h>

namespace engine {

namespace {

constexpr std::string_view exportSuffix = ".export";
constexpr std::string_view importSuffix = ".import";
constexpr std::string_view unfinished = ".new"; ///< behind all: is being written

/// What a file's name says beside its kind; nothing if it is of another kind.
std::optional<std::string_view> stemOf(std::string_view name, std::string_view suffix)
{
    if (name.ends_with(unfinished))
        name.remove_suffix(unfinished.size());
    if (!name.ends_with(suffix))
        return std::nullopt;
    name.remove_suffix(suffix.size());
    return name;
}

std::string fileOf(const BusId &busid)
{
    return busid.text() + std::string(exportSuffix);
}

/// No name of a qube or device has a ':'.
std::string fileOf(const ImportKey &key)
{
    return key.text() + std::string(importSuffix);
}

using Fields = std::map<std::string, std::string, std::less<>>;

/// "NAME VALUE" a line; a value may have blanks. The last line has an end, too: a file that was cut is no lease.
std::optional<Fields> fieldsOf(std::string_view text, std::string_view kind)
{
    if (!text.ends_with('\n'))
        return std::nullopt;
    Fields fields;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const std::size_t blank = line.find(' ');
        if (blank == std::string_view::npos || blank == 0 ||
            !fields.emplace(line.substr(0, blank), line.substr(blank + 1)).second)
            return std::nullopt;
        text.remove_prefix(end + 1);
    }
    return fields["lease"] == kind ? std::optional(fields) : std::nullopt;
}

std::optional<bool> flag(const std::string &text)
{
    return text == "1" || text == "0" ? std::optional(text == "1") : std::nullopt;
}

} // namespace

std::string ExportLease::text() const
{
    return "lease export\nbusid " + busid.text() + "\nfrontend " + frontend.text() + "\ndevice " + device +
           "\ndriver " + driver + "\nblocked " + (blocked ? '1' : '0') + "\npark " + (park ? '1' : '0') + "\nagent " +
           std::to_string(agent) + '\n';
}

std::optional<ExportLease> ExportLease::parse(std::string_view text)
{
    auto fields = fieldsOf(text, "export");
    if (!fields)
        return std::nullopt;
    const auto busid = BusId::parse((*fields)["busid"]);
    const auto frontend = QubeName::parse((*fields)["frontend"]);
    const auto blocked = flag((*fields)["blocked"]);
    const auto park = flag((*fields)["park"]);
    const auto agent = parseNumber((*fields)["agent"], 0x7fffffff);
    const std::string &driver = (*fields)["driver"];
    if (!busid || !frontend || !blocked || !park || !agent || driver.empty() || driver.find('/') != std::string::npos)
        return std::nullopt;
    return ExportLease{*busid, *frontend, (*fields)["device"], driver, *blocked, *park, static_cast<pid_t>(*agent)};
}

std::string ImportLease::text() const
{
    return "lease import\nbackend " + key.backend.text() + "\ndevice " + key.device.text() + "\nport " +
           std::to_string(port) + "\nlocal " + localBusid + "\ndevid " + std::to_string(devId) + '\n';
}

std::optional<ImportLease> ImportLease::parse(std::string_view text)
{
    auto fields = fieldsOf(text, "import");
    if (!fields)
        return std::nullopt;
    const auto backend = QubeName::parse((*fields)["backend"]);
    const auto device = DeviceSpec::parse((*fields)["device"]);
    const auto port = parseNumber((*fields)["port"], 65535);
    const auto local = BusId::parse((*fields)["local"]);
    const auto devId = parseNumber((*fields)["devid"], 0xffffffffU);
    if (!backend || !device || !port || !local || !devId)
        return std::nullopt;
    return ImportLease{ImportKey{*backend, *device}, static_cast<unsigned>(*port), local->text(),
                       static_cast<std::uint32_t>(*devId)};
}

Result<void> Leases::write(const std::string &name, const std::string &text) const
{
    const std::string path = m_folder + '/' + name;
    const std::string beside = path + std::string(unfinished);
    UniqueFd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return systemError("cannot write " + beside, errno);
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    const int failed = written == static_cast<ssize_t>(text.size()) ? 0 : written < 0 ? errno : ENOSPC;
    file.reset();
    if (failed == 0 && rename(beside.c_str(), path.c_str()) == 0)
        return {};
    const int number = failed != 0 ? failed : errno;
    unlink(beside.c_str());
    return systemError("cannot write " + path, number);
}

Result<void> Leases::save(const ExportLease &lease) const
{
    return write(fileOf(lease.busid), lease.text());
}

Result<void> Leases::save(const ImportLease &lease) const
{
    return write(fileOf(lease.key), lease.text());
}

void Leases::unlinkBoth(const std::string &name) const
{
    unlink((m_folder + '/' + name + std::string(unfinished)).c_str());
    unlink((m_folder + '/' + name).c_str());
}

void Leases::remove(const BusId &busid) const
{
    unlinkBoth(fileOf(busid));
}

void Leases::remove(const ImportKey &key) const
{
    unlinkBoth(fileOf(key));
}

std::optional<ExportLease> Leases::find(const BusId &busid) const
{
    const auto text = readFile(m_folder + '/' + fileOf(busid));
    return text ? ExportLease::parse(*text) : std::nullopt;
}

std::optional<ImportLease> Leases::find(const ImportKey &key) const
{
    const auto text = readFile(m_folder + '/' + fileOf(key));
    return text ? ImportLease::parse(*text) : std::nullopt;
}

/// Whether there is no file of that name; not whether it cannot be read, for lack of descriptors say.
bool Leases::isMissing(const std::string &name) const
{
    return access((m_folder + '/' + name).c_str(), F_OK) != 0 && errno == ENOENT;
}

bool Leases::isUnfinished(const BusId &busid) const
{
    const auto text = readFile(m_folder + '/' + fileOf(busid));
    return text ? !ExportLease::parse(*text) : isMissing(fileOf(busid));
}

bool Leases::isUnfinished(const ImportKey &key) const
{
    const auto text = readFile(m_folder + '/' + fileOf(key));
    return text ? !ImportLease::parse(*text) : isMissing(fileOf(key));
}

std::vector<BusId> Leases::exports() const
{
    std::vector<BusId> all;
    for (const std::string &name : listFolder(m_folder)) {
        const auto stem = stemOf(name, exportSuffix);
        const auto busid = stem ? BusId::parse(*stem) : std::nullopt;
        if (busid && (all.empty() || all.back() != *busid))
            all.push_back(*busid);
    }
    return all;
}

std::vector<ImportKey> Leases::imports() const
{
    std::vector<ImportKey> all;
    for (const std::string &name : listFolder(m_folder)) {
        const auto stem = stemOf(name, importSuffix);
        const std::size_t colon = stem ? stem->find(':') : std::string_view::npos;
        if (colon == std::string_view::npos)
            continue;
        const auto backend = QubeName::parse(stem->substr(0, colon));
        const auto device = DeviceSpec::parse(stem->substr(colon + 1));
        if (backend && device && (all.empty() || all.back().text() != *stem))
            all.push_back({*backend, *device});
    }
    return all;
}

} // namespace engine
