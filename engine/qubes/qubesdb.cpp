// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/qubesdb.h"

#include "base/subprocess.h"

#include <algorithm>

namespace engine {

namespace {

const std::string devicesFolder = "/qubes-usb-devices";
constexpr auto callTime = std::chrono::seconds(5);

std::string folderOf(const BusId &busid)
{
    std::string name = busid.text();
    std::ranges::replace(name, '.', '_');
    return devicesFolder + '/' + name;
}

} // namespace

QubesDb::QubesDb(const Paths &paths)
    : m_programs(paths.programs)
{
}

Result<void> QubesDb::run(std::vector<std::string> argv, Deadline deadline) const
{
    if (findProgram(argv.front(), m_programs).empty())
        return {};
    const std::string name = argv.front();
    const auto finished = runProgram(argv, deadline, m_programs);
    if (!finished)
        return finished.error();
    if (finished->code != 0)
        return Error{Fault::System, name + " failed with exit code " + std::to_string(finished->code)};
    return {};
}

Result<void> QubesDb::write(std::vector<std::pair<std::string, std::string>> entries, Deadline deadline) const
{
    entries.emplace_back(devicesFolder, "");
    std::vector<std::string> argv{"qubesdb-write"};
    for (auto &[path, value] : entries) {
        if (path.size() > maxPath)
            return Error{Fault::System, "the QubesDB path " + path + " is too long"};
        argv.push_back(std::move(path));
        argv.push_back(value.substr(0, maxValue));
    }
    return run(std::move(argv), deadline);
}

Result<void> QubesDb::publish(const BusId &busid, const Device &device) const
{
    const std::string at = folderOf(busid);
    return write({{at + "/desc", device.description},
                  {at + "/usb-ver", device.usbVersion},
                  {at + "/interfaces", device.interfaces}},
                 Deadline(callTime));
}

Result<void> QubesDb::withdraw(const BusId &busid) const
{
    // It fails for what is not there, which is all right.
    static_cast<void>(run({"qubesdb-rm", folderOf(busid) + '/'}, Deadline(callTime)));
    return write({}, Deadline(callTime));
}

Result<void> QubesDb::setConnected(const BusId &busid, const QubeName &frontend, int pid) const
{
    const std::string at = folderOf(busid);
    return write({{at + "/connected-to", frontend.withoutStubdomain().text()}, {at + "/x-pid", std::to_string(pid)}},
                 Deadline(callTime));
}

Result<void> QubesDb::clearConnected(const BusId &busid, Deadline deadline) const
{
    const std::string at = folderOf(busid);
    static_cast<void>(run({"qubesdb-rm", at + "/connected-to", at + "/x-pid"}, deadline));
    return write({}, deadline);
}

} // namespace engine
