// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kernelmodule.h"

#include "base/subprocess.h"
#include "kernel/sysfsdir.h"

namespace engine {

namespace {

/// Loaded and started, or built into the kernel.
bool isLive(const Paths &paths, const std::string &module, const std::string &evidence)
{
    if (access(evidence.c_str(), F_OK) != 0)
        return false;
    const auto state = readFile(paths.sys + "/module/" + module + "/initstate");
    return !state || state->starts_with("live");
}

} // namespace

Result<void> loadModule(const Paths &paths, const std::string &module, const std::string &evidence, Deadline deadline)
{
    if (isLive(paths, module, evidence))
        return {};
    const auto modprobe = runProgram({"modprobe", module}, deadline, paths.programs);
    if (isLive(paths, module, evidence))
        return {};
    std::string why = "its kernel has no such module or refuses to load it";
    if (!modprobe)
        why = modprobe.error().text;
    return Error{Fault::Missing,
                 "the kernel module " + module + " is not available (" + why +
                     "); on Fedora it is in the package kernel-modules-extra, or use a kernel provided by dom0"};
}

bool moduleAvailable(const Paths &paths, const std::string &module, const std::string &evidence)
{
    if (isLive(paths, module, evidence))
        return true;
    const auto modprobe =
        runProgram({"modprobe", "--dry-run", "--quiet", module}, Deadline(std::chrono::seconds(30)), paths.programs);
    return modprobe && modprobe->code == 0;
}

} // namespace engine
