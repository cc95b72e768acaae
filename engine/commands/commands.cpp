// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/commands.h"

#include "base/locktable.h"
#include "base/log.h"
#include "base/stopsignal.h"
#include "commands/attacher.h"
#include "commands/detacher.h"
#include "commands/overview.h"
#include "commands/publisher.h"
#include "commands/request.h"
#include "kernel/udevproperty.h"
#include "processes/exporter.h"
#include "processes/importer.h"
#include "processes/settle.h"
#include "processes/timelimits.h"
#include "values/exitcode.h"
#include "values/untrusted.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <unistd.h>

namespace engine {

namespace {

std::string environment(const char *name)
{
    const char *value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    return value != nullptr ? value : "";
}

std::string ownName()
{
    std::string name(256, '\0');
    if (gethostname(name.data(), name.size() - 1) != 0)
        return "this qube";
    return cleanText(name.c_str(), 64);
}

/// One line for the user, in the log, and the exit code.
int fail(const Log &log, const std::string &what, const Error &error)
{
    const std::string text = what.empty() ? error.text : what + ": " + error.text;
    log.failure(text);
    std::fprintf(stderr, "%s\n", text.c_str());
    return exitCodeOf(error.fault);
}

Error badDevice(const std::string &text)
{
    const bool isInterface = text.find(':') != std::string::npos;
    return {Fault::BadRequest, '\'' + cleanText(text, 40) + "' is not a USB device: " +
                                   (isInterface ? "name the whole device, not one of its interfaces"
                                                : "expected a port such as 2-1 or 1-1.4, or 0xVVVV.0xPPPP")};
}

/// A descriptor that attach gave us, kept from the programs that we start; none if there is no such one.
UniqueFd takeDescriptor(int fd)
{
    if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return {};
    return UniqueFd(fd);
}

int runExport(const CommandLine &line, const Paths &paths, const StopSignal &stop, const Log &log)
{
    const auto spec = DeviceSpec::parse(line.operands[0]);
    if (!spec)
        return fail(log, "", badDevice(line.operands[0]));
    const auto frontend = QubeName::parse(environment("QREXEC_REMOTE_DOMAIN"));
    if (!frontend)
        return fail(
            log, "",
            {Fault::BadRequest, "QREXEC_REMOTE_DOMAIN is not set: this command is started by qrexec, not by hand"});
    const std::string agentPid = environment("QREXEC_AGENT_PID");
    std::optional<QrexecAgent> agent;
    if (!agentPid.empty()) {
        const auto parsed = QrexecAgent::parse(agentPid);
        if (!parsed)
            return fail(log, "", parsed.error());
        agent = *parsed;
    }
    auto socket = takeStandardSocket();
    if (!socket)
        return fail(log, "", socket.error());
    const auto done = Exporter(paths, stop, log).run(*spec, frontend->withoutStubdomain(), std::move(*socket), agent);
    return done ? 0 : fail(log, "", done.error());
}

int runImport(const CommandLine &line, const Paths &paths, const StopSignal &stop, const Log &log)
{
    UniqueFd report = takeDescriptor(line.reportFd);
    UniqueFd errors = takeDescriptor(line.errorsFd);
    const auto key = ImportKey::fromFile(paths.run, line.operands[0]);
    if (!key)
        return fail(log, "",
                    {Fault::BadRequest, '\'' + cleanText(line.operands[0], 100) +
                                            "' is not the name of a state file: expected " + paths.run +
                                            "/usb-import-BACKEND-DEVICE.state"});
    const auto agent = QrexecAgent::parse(environment("QREXEC_AGENT_PID"));
    if (!agent)
        return fail(log, "", agent.error());
    auto socket = takeStandardSocket();
    if (!socket)
        return fail(log, "", socket.error());
    Importer::Limits limits;
    if (line.timeout)
        limits = Importer::Limits::shares(*line.timeout);
    const bool isReported = static_cast<bool>(report);
    Importer importer(paths, stop, log, std::move(report), std::move(errors));
    const auto done = importer.run(*key, std::move(*socket), *agent, limits);
    if (done)
        return 0;
    // Where an attach waits, its line is the one that people see; our stderr would go the same way as the backend's.
    if (isReported) {
        log.failure(key->text() + ": " + done.error().text);
        return exitCodeOf(done.error().fault);
    }
    return fail(log, key->text(), done.error());
}

int runAttach(const CommandLine &line, const Paths &paths, const StopSignal &stop, const Log &log)
{
    const auto request = readRequest(STDIN_FILENO, stop);
    if (!request)
        return fail(log, "", request.error());
    const auto key = ImportKey::fromRequest(*request);
    if (!key)
        return fail(log, "",
                    {Fault::BadRequest, '\'' + cleanText(*request, 80) +
                                            "' is not a request: expected BACKEND DEVICE, such as 'sys-usb 2-1' or "
                                            "'sys-usb 0x46f4.0x0001', a whole device and one blank between"});
    Attacher::Setup setup;
    setup.engine = "/proc/self/exe";
    if (line.timeout)
        setup.limit = *line.timeout;
    std::string self(4096, '\0');
    const ssize_t length = readlink("/proc/self/exe", self.data(), self.size());
    if (length > 0)
        setup.engine = self.substr(0, static_cast<std::size_t>(length));
    const auto busid = Attacher(paths, stop, log).run(*key, setup);
    return busid ? 0 : fail(log, "device " + key->text() + " was not attached to " + ownName(), busid.error());
}

int runDetach(const CommandLine & /*line*/, const Paths &paths, const StopSignal &stop, const Log &log)
{
    const auto request = readRequest(STDIN_FILENO, stop);
    if (!request)
        return fail(log, "", request.error());
    const auto key = ImportKey::fromRequest(*request);
    const auto spec = DeviceSpec::parse(*request);
    if (!key && !spec)
        return fail(log, "",
                    {Fault::BadRequest, '\'' + cleanText(*request, 80) +
                                            "' is not a request: expected BACKEND DEVICE, such as 'sys-usb 2-1', "
                                            "or DEVICE in the qube that has it"});
    auto locks = LockTable::open(paths);
    if (!locks)
        return fail(log, "", locks.error());
    const Detacher detacher(paths, *locks, stop, log);
    const auto outcome = key ? detacher.detachImport(*key) : detacher.detachExport(*spec);
    const std::string what = "device " + (key ? key->text() : spec->text());
    if (!outcome)
        return fail(log, what + " was not detached", outcome.error());
    if (*outcome == Detacher::Outcome::WasNot)
        log.event(what + " was to be detached, but is not attached");
    return 0;
}

int runDetachAll(const CommandLine &line, const Paths &paths, const StopSignal &stop, const Log &log)
{
    auto locks = LockTable::open(paths);
    if (!locks)
        return fail(log, "", locks.error());
    const Detacher detacher(paths, *locks, stop, log);
    if (line.resume) {
        const auto resumed = detacher.resume();
        return resumed ? 0 : fail(log, "", resumed.error());
    }
    const auto done = detacher.detachAll();
    return done ? 0 : fail(log, "not everything could be detached", done.error());
}

int runReset(const CommandLine &line, const Paths &paths, const StopSignal &stop, const Log &log)
{
    // Also as its folder in sysfs: so usb-reset of qubes-usb-proxy was called.
    std::string name = line.operands[0];
    if (const std::string folder = paths.usbDevices() + '/'; name.starts_with(folder))
        name.erase(0, folder.size());
    const auto spec = DeviceSpec::parse(name);
    if (!spec)
        return fail(log, "", badDevice(line.operands[0]));
    const auto device = findDevice(paths, *spec);
    const auto done = device ? device->reset(paths, Deadline(kernelTime, stop.fd())) : Result<void>(device.error());
    return done ? 0 : fail(log, "", done.error());
}

int runPublish(const CommandLine &line, const Paths &paths, const StopSignal & /*stop*/, const Log &log)
{
    const std::string &action = line.operands[0];
    const auto busid = BusId::parse(line.operands[1]);
    if (!busid)
        return fail(log, "", badDevice(line.operands[1]));
    if (action != "add" && action != "change" && action != "remove")
        return fail(
            log, "",
            {Fault::BadRequest, "the action '" + cleanText(action, 20) + "' is none of add, change and remove"});
    // udev gives the program of a rule all properties in its environment; by hand they come from its database.
    const bool fromUdev = !environment("DEVPATH").empty();
    const auto done = publishEvent(paths, action, *busid, [&](const std::string &name) {
        return fromUdev ? environment(name.c_str()) : udevProperty(busid->text(), name);
    });
    return done ? 0 : fail(log, "device " + busid->text() + " is not shown in dom0", done.error());
}

int runList(const CommandLine &line, const Paths &paths, const StopSignal &stop, const Log &log)
{
    // Only root may settle, and see who has what.
    if (geteuid() == 0) {
        if (auto locks = LockTable::open(paths))
            static_cast<void>(settleAbandoned(paths, *locks, log, Deadline(settleTime, stop.fd())));
    }
    const auto rows = deviceRows(paths, line.all);
    std::fputs((line.json ? rowsAsJson(rows) : rowsAsText(rows)).c_str(), stdout);
    return 0;
}

int runCheck(const CommandLine &line, const Paths &paths, const StopSignal & /*stop*/, const Log & /*log*/)
{
    const auto all = findings(paths);
    std::fputs((line.json ? findingsAsJson(all) : findingsAsText(all)).c_str(), stdout);
    for (const Finding &finding : all) {
        if (finding.needed && !finding.ok)
            return exitCodeOf(Fault::Missing);
    }
    return 0;
}

int runSettle(const CommandLine & /*line*/, const Paths &paths, const StopSignal &stop, const Log &log)
{
    auto locks = LockTable::open(paths);
    if (!locks)
        return fail(log, "", locks.error());
    const auto done = settleAbandoned(paths, *locks, log, Deadline(settleAllTime, stop.fd()), settleTime);
    return done ? 0 : fail(log, "", done.error());
}

constexpr std::array<Command, 10> table{{
    {"export", "DEVICE", "give a device of this qube to the caller (started by qubes.USB)", "usb-export", true,
     runExport},
    {"import", "STATEFILE", "take the device that the backend sends (started by attach)", "usb-import", true,
     runImport},
    {"attach", "", "attach the device named on stdin: BACKEND DEVICE", "", true, runAttach},
    {"detach", "", "detach the device named on stdin: BACKEND DEVICE, or DEVICE in the backend", "", true, runDetach},
    {"detach-all", "", "detach everything, and keep new ones away until --resume", "usb-detach-all", true,
     runDetachAll},
    {"settle", "", "give back what was left by processes that were killed", "", true, runSettle},
    {"reset", "DEVICE", "reset a device of this qube", "usb-reset", true, runReset},
    {"publish", "ACTION DEVICE", "tell dom0 of a device (started by udev; ACTION: add, change, remove)", "", true,
     runPublish},
    {"list", "", "show the USB devices of this qube [--json] [--all: hubs, too]", "", false, runList},
    {"check", "", "show whether all that an attach needs is here [--json]", "", false, runCheck},
}};

} // namespace

std::span<const Command> commands()
{
    return table;
}

int runCommand(const CommandLine &line, const Paths &paths)
{
    const auto command = std::ranges::find(table, std::string_view(line.command), &Command::name);
    if (command == table.end())
        return exitCodeOf(Fault::BadRequest);
    const StopSignal stop;
    const Log log(line.verbose);
    try {
        return command->run(line, paths, stop, log);
    } catch (const std::exception &error) {
        // What was taken has been given back on the way here.
        return fail(log, "", exceptionError(error));
    }
}

} // namespace engine
