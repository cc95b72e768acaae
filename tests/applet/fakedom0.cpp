// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakedom0.h"

#include <algorithm>

namespace testing {

namespace {

QByteArray quoted(const QByteArray &value)
{
    QByteArray escaped = value;
    return '\'' + escaped.replace("'", "\\'") + '\'';
}

QByteArray serialOf(const QByteArray &id)
{
    return id.mid(10, id.lastIndexOf(':') - 10);
}

} // namespace

FakeDom0::FakeDom0(Release release, QObject *parent)
    : QObject(parent)
    , m_release(release)
{
    m_qubes.insert("dom0", Qube{"AdminVM", "Running", "black", false, false, false, {}, {}, {}});
}

QByteArray FakeDom0::ok(const QByteArray &content)
{
    return QByteArray("0\0", 2) + content;
}

QByteArray FakeDom0::exception(const QByteArray &name, const QByteArray &message)
{
    return QByteArray("2\0", 2) + name + '\0' + '\0' + message + '\0';
}

QByteArray FakeDom0::event(const QByteArray &subject, const QByteArray &name,
                           const QList<std::pair<QByteArray, QByteArray>> &fields)
{
    QByteArray bytes = QByteArray("1\0", 2) + subject + '\0' + name + '\0';
    for (const auto &[key, value] : fields)
        bytes += key + '\0' + value + '\0';
    return bytes + '\0';
}

FakeDom0::Qube &FakeDom0::add(const QByteArray &name, const Qube &qube)
{
    m_qubes.insert(name, qube);
    tell(event({}, "domain-add", {{"vm", name}}));
    return m_qubes[name];
}

void FakeDom0::setState(const QByteArray &name, const QByteArray &state)
{
    m_qubes[name].state = state;
    if (state == "Running") {
        tell(event(name, "domain-start", {{"start_guid", "None"}}));
    } else if (state == "Halted") {
        for (Qube &backend : m_qubes) {
            for (Device &device : backend.devices) {
                if (device.attachedTo == name)
                    device.attachedTo.clear();
            }
        }
        tell(event(name, "domain-shutdown"));
    } else if (state == "Paused") {
        tell(event(name, "domain-paused"));
    }
}

void FakeDom0::remove(const QByteArray &name)
{
    m_qubes.remove(name);
    tell(event({}, "domain-delete", {{"vm", name}}));
}

QByteArray FakeDom0::deviceName(const QByteArray &backend, const QByteArray &port, const Device &device) const
{
    return backend + ':' + port + (isLegacy() ? QByteArray() : ':' + device.id);
}

void FakeDom0::tellDevices(const QByteArray &backend)
{
    tell(event(backend, "device-list-change:usb"));
    tell(event(backend, "domain-qdb-change:/qubes-usb-devices", {{"path", "/qubes-usb-devices"}}));
}

void FakeDom0::plug(const QByteArray &backend, const QByteArray &port, const Device &device)
{
    m_qubes[backend].devices.insert(port, device);
    tellDevices(backend);
    if (m_release != Release::R41)
        tell(event(backend, "device-added:usb", {{"device", deviceName(backend, port, device)}}));
}

void FakeDom0::unplug(const QByteArray &backend, const QByteArray &port)
{
    const Device gone = m_qubes[backend].devices.take(port);
    tellDevices(backend);
    if (!isLegacy())
        tell(event(backend, "device-removed:usb", {{"port", backend + ':' + port}}));
    if (!gone.attachedTo.isEmpty() && m_release != Release::R41)
        tell(event(gone.attachedTo, "device-detach:usb", {{isLegacy() ? "device" : "port", backend + ':' + port}}));
}

void FakeDom0::setAttached(const QByteArray &backend, const QByteArray &port, const QByteArray &frontend)
{
    Device &device = m_qubes[backend].devices[port];
    const QByteArray before = std::exchange(device.attachedTo, frontend);
    tellDevices(backend);
    if (frontend.isEmpty())
        tell(event(before, "device-detach:usb", {{isLegacy() ? "device" : "port", backend + ':' + port}}));
    else
        tell(event(frontend, "device-attach:usb", {{"device", deviceName(backend, port, device)}, {"options", "{}"}}));
}

void FakeDom0::addUsual()
{
    add("personal", Qube{});
    add("work", Qube{});
    Qube vault;
    vault.state = "Halted";
    add("vault", vault);
    Qube usb;
    usb.label = "red";
    usb.devices.insert("2-1", Device{});
    usb.devices.insert("1-1.4", Device{"046d:c31c::u030101u030000", "Logitech, Inc.", "Keyboard K120", "Logitech", {}});
    add("sys-usb", usb);
}

void FakeDom0::addMany(int qubes, int backends, int devicesEach)
{
    for (int i = 0; i < qubes; ++i) {
        Qube qube;
        qube.klass = i % 10 == 9 ? "TemplateVM" : "AppVM";
        qube.state = i % 3 ? "Running" : "Halted";
        qube.disposableTemplate = i % 50 == 1;
        add("qube" + QByteArray::number(i), qube);
    }
    for (int b = 0; b < backends; ++b) {
        Qube backend;
        for (int d = 0; d < devicesEach; ++d)
            backend.devices.insert("1-" + QByteArray::number(d + 1),
                                   {"0951:1666:S" + QByteArray::number(d) + ":u080650", "Kingston Technology", "Stick",
                                    "Kingston", d % 4 ? QByteArray() : QByteArray("qube1")});
        add("sys-usb" + QByteArray::number(b), backend);
    }
}

void FakeDom0::release(const QByteArray &method)
{
    m_held.remove(method);
    const auto waiting = std::exchange(m_waiting, {});
    for (const auto &[call, reply] : waiting) {
        if (m_held.contains(call.method))
            m_waiting.append({call, reply});
        else
            reply(answer(call));
    }
}

int FakeDom0::heldCalls(const QByteArray &method) const
{
    return static_cast<int>(
        std::count_if(m_waiting.begin(), m_waiting.end(), [&](const auto &one) { return one.first.method == method; }));
}

int FakeDom0::count(const QByteArray &method) const
{
    return static_cast<int>(
        std::count_if(m_calls.begin(), m_calls.end(), [&](const Call &call) { return call.method == method; }));
}

void FakeDom0::call(const Call &call, const Reply &reply)
{
    m_calls.append(call);
    if (m_held.contains(call.method))
        m_waiting.append({call, reply});
    else
        reply(answer(call));
}

QByteArray FakeDom0::answer(const Call &call)
{
    if (isRefused(call.destination))
        return {};
    if (const auto scripted = m_scripted.find(call.method); scripted != m_scripted.end() && !scripted->isEmpty())
        return scripted->takeFirst();
    const auto destination = m_qubes.find(call.destination);
    if (destination == m_qubes.end())
        return exception("QubesVMNotFoundError", "No such domain: '" + call.destination + "'");
    const QByteArray device = "admin.vm.device.usb.";
    if (call.method == "admin.vm.List")
        return ok(list());
    if (call.method == "admin.vm.property.GetAll")
        return ok(properties(*destination));
    if (call.method == "admin.vm.feature.Get")
        return destination->internal
                   ? ok("1")
                   : exception("QubesFeatureNotFoundError",
                               "Feature not set for domain " + call.destination + ": " + call.argument);
    if (call.method == "admin.property.Get" && call.destination == "dom0" && call.argument == "default_dispvm")
        return ok("default=False type=vm " + defaultDisposable);
    if (call.method == "admin.label.Get")
        return ok(call.argument == "red" ? "0xcc0000" : call.argument == "black" ? "0x000000" : "0x3465a4");
    if (call.method == "admin.vm.device.pci.Available" && call.destination == "dom0")
        return ok(pciAvailable());
    if (call.method == (isLegacy() ? "admin.vm.device.pci.List" : "admin.vm.device.pci.Assigned"))
        return ok(pciRules(*destination));
    if (call.method == device + "Available")
        return ok(available(call.destination));
    if (call.method == device + "Attached")
        return isLegacy() ? QByteArray() : ok(attached(call.destination));
    if (call.method == device + "List")
        return isLegacy() ? ok(legacyList(call.destination)) : QByteArray();
    if (call.method == device + "Attach")
        return attach(call);
    if (call.method == device + "Detach")
        return detach(call);
    if (call.method == device + "Assigned" || call.method == device + "Assign" || call.method == device + "Unassign" ||
        call.method == device + "Set.assignment")
        return isLegacy() ? QByteArray() : change(call);
    if (call.method == device + "Set.persistent" && isLegacy()) {
        if (call.payload == "True")
            destination->rules.insert(call.argument, "persistent");
        else
            destination->rules.remove(call.argument);
        return ok();
    }
    if (call.method == "admin.vm.Start") {
        if (destination->state != "Running")
            setState(call.destination, "Running");
        return ok();
    }
    if (call.method == "admin.vm.Shutdown" || call.method == "admin.vm.Kill") {
        if (destination->state == "Halted")
            return exception("QubesVMNotStartedError", "Domain is powered off: '" + call.destination + "'");
        const bool cleanup = destination->autoCleanup;
        setState(call.destination, "Halted");
        if (cleanup)
            remove(call.destination);
        return ok();
    }
    if (call.method == "admin.vm.CreateDisposable") {
        Qube disposable;
        disposable.klass = "DispVM";
        disposable.state = "Halted";
        disposable.autoCleanup = true;
        const QByteArray name = "disp" + QByteArray::number(m_nextDisposable++);
        add(name, disposable);
        return ok(name);
    }
    return {};
}

QByteArray FakeDom0::list() const
{
    QByteArray lines;
    for (auto it = m_qubes.cbegin(); it != m_qubes.cend(); ++it) {
        lines += it.key() + " class=" + it->klass + " state=" + it->state;
        if (!isLegacy())
            lines += " uuid=8f8f9c29-bbf0-5582-bc4e-d584e583a319";
        lines += '\n';
    }
    return lines;
}

QByteArray FakeDom0::properties(const Qube &qube) const
{
    QByteArray lines = "icon default=True type=str appvm-" + qube.label + "\nlabel default=False type=label " +
                       qube.label + "\nnetvm default=True type=vm \ntemplate_for_dispvms default=True type=bool " +
                       (qube.disposableTemplate ? "True" : "False") + '\n';
    if (!isLegacy())
        lines += "devices_denied default=True type=str " + qube.denied + '\n';
    lines += QByteArray("provides_network default=True type=bool ") + (qube.providesNetwork ? "True" : "False") + '\n';
    lines += "virt_mode default=True type=str " + qube.virtMode + '\n';
    if (qube.klass == "DispVM")
        lines += QByteArray("auto_cleanup default=False type=bool ") + (qube.autoCleanup ? "True" : "False") + '\n';
    return lines;
}

QByteArray FakeDom0::pciAvailable() const
{
    if (isLegacy())
        return "00_14.0 description=USB controller: Intel Corporation Tiger Lake-LP USB 3.2 xHCI Host Controller\n"
               "00_1f.6 description=Ethernet controller: Intel Corporation Ethernet Connection\n";
    QByteArray lines;
    for (const auto &[port, id] : {std::pair("00_14.0", usbControllerId), std::pair("00_1f.6", networkCardId)})
        lines += QByteArray(port) + ':' + id + " device_id=" + quoted(id) + " port_id=" + quoted(port) +
                 " devclass='pci' backend_domain='dom0' product='p' vendor='v' interfaces=" +
                 quoted(QByteArray(id).right(7)) + " _sbdf='0000:00:00.0'\n";
    return lines;
}

QByteArray FakeDom0::pciRules(const Qube &qube) const
{
    QByteArray lines;
    for (const QByteArray &rule : qube.pci) {
        const QByteArray port = rule.left(rule.indexOf(':'));
        if (isLegacy())
            lines += "dom0+" + port + " persistent=yes\n";
        else
            lines += "dom0+" + rule + " device_id=" + quoted(rule.mid(port.size() + 1)) + " port_id=" + quoted(port) +
                     " devclass='pci' backend_domain='dom0' mode='required'\n";
    }
    return lines;
}

QByteArray FakeDom0::available(const QByteArray &backend)
{
    const Qube &qube = m_qubes[backend];
    if (qube.state != "Running" && qube.state != "Paused")
        return {};
    QByteArray lines;
    for (auto it = qube.devices.cbegin(); it != qube.devices.cend(); ++it) {
        QByteArray at = it->attachedTo;
        if (const auto late = m_releasing.find(backend + '+' + it.key()); late != m_releasing.end()) {
            if (late->second-- > 0)
                at = late->first;
            else
                m_releasing.erase(late);
        }
        const QByteArray serial = serialOf(it->id);
        if (isLegacy()) {
            lines += it.key();
            if (m_release == Release::R42)
                lines += " attachment=" + (at.isEmpty() ? QByteArray("None") : at) +
                         " interfaces=?****** serial=unknown safe_chars=abc='\"{|}~ vendor=unknown";
            lines += " description=" + (m_release == Release::R42 ? it->id.left(9) + '_' : QByteArray()) +
                     QByteArray(it->manufacturer + '_' + it->product).replace(' ', '_') + '_' + serial + '\n';
            continue;
        }
        lines += it.key() + ':' + it->id + " device_id=" + quoted(it->id) + " port_id=" + quoted(it.key()) +
                 " devclass='usb' backend_domain=" + quoted(backend) + " product=" + quoted(it->product) +
                 " vendor=" + quoted(it->vendor) + " serial=" + quoted(serial) + " name=" + quoted(serial) +
                 " manufacturer=" + quoted(it->manufacturer);
        if (!at.isEmpty())
            lines += " attachment=" + quoted(at);
        lines += " interfaces=" + quoted(it->id.mid(it->id.lastIndexOf(':') + 1)) + '\n';
    }
    return lines;
}

QByteArray FakeDom0::attached(const QByteArray &frontend) const
{
    QByteArray lines;
    for (auto backend = m_qubes.cbegin(); backend != m_qubes.cend(); ++backend) {
        for (auto it = backend->devices.cbegin(); it != backend->devices.cend(); ++it) {
            if (it->attachedTo == frontend)
                lines += backend.key() + '+' + it.key() + ':' + it->id + " device_id=" + quoted(it->id) +
                         " port_id=" + quoted(it.key()) + " devclass='usb' backend_domain=" + quoted(backend.key()) +
                         " mode='manual' frontend_domain=" + quoted(frontend) + '\n';
        }
    }
    return lines;
}

QByteArray FakeDom0::legacyList(const QByteArray &frontend) const
{
    QByteArray lines;
    const auto &rules = m_qubes[frontend].rules;
    for (auto backend = m_qubes.cbegin(); backend != m_qubes.cend(); ++backend) {
        for (auto it = backend->devices.cbegin(); it != backend->devices.cend(); ++it) {
            if (it->attachedTo == frontend && !rules.contains(backend.key() + '+' + it.key()))
                lines += backend.key() + '+' + it.key() + " persistent=no\n";
        }
    }
    for (auto rule = rules.keyBegin(); rule != rules.keyEnd(); ++rule)
        lines += *rule + " persistent=yes\n"; // whether it is attached or not
    return lines;
}

FakeDom0::Device *FakeDom0::find(const QByteArray &argument)
{
    const QList<QByteArray> parts = argument.split('+');
    if (parts.size() < 2 || !m_qubes.contains(parts.at(0)))
        return nullptr;
    const auto found = m_qubes[parts.at(0)].devices.find(parts.at(1));
    return found == m_qubes[parts.at(0)].devices.end() ? nullptr : &*found;
}

QByteArray FakeDom0::attach(const Call &call)
{
    const QList<QByteArray> parts = call.argument.split('+');
    tell(event(call.destination, "device-pre-attach:usb",
               {{"device", parts.value(0) + ':' + parts.value(1)}, {"options", "{}"}}));
    Device *const device = find(call.argument);
    if (!device) // R4.1/4.2 say OK to what is not there
        return isLegacy()                  ? ok()
               : m_release == Release::R43 ? QByteArray()
                                           : exception("ProtocolError", "Cannot attach ambiguous usb device.");
    const QByteArray state = m_qubes[call.destination].state;
    if (state == "Paused")
        return exception("QubesVMNotRunningError", "Domain '" + call.destination + "' is paused");
    if (state != "Running")
        return exception("QubesVMNotRunningError", "VM not running, cannot attach device, do you mean `assign`?");
    if (!device->attachedTo.isEmpty())
        return exception("DeviceAlreadyAttached",
                         "'Device sys-usb:2-1 already attached to " + device->attachedTo + '\'');
    if (!isLegacy() && !call.payload.isEmpty() && !call.payload.contains("device_id=" + quoted(device->id)))
        return m_release == Release::R43 ? QByteArray()
                                         : exception("ProtocolError", "Cannot attach ambiguous usb device.");
    setAttached(parts.at(0), parts.at(1), call.destination);
    return ok();
}

QByteArray FakeDom0::detach(const Call &call)
{
    const QList<QByteArray> parts = call.argument.split('+');
    for (auto backend = m_qubes.begin(); backend != m_qubes.end(); ++backend) {
        if (isLegacy() && backend.key() != parts.value(0))
            continue; // newer servers look at the port only
        const auto device = backend->devices.find(parts.value(1));
        if (device == backend->devices.end() || device->attachedTo != call.destination)
            continue;
        if (isLegacy() && m_qubes[call.destination].rules.contains(call.argument))
            return exception("QubesVMNotHaltedError", "Can not remove a persistent attachment from a non halted vm");
        if (m_slowRelease > 0)
            m_releasing.insert(backend.key() + '+' + device.key(), {call.destination, m_slowRelease});
        setAttached(backend.key(), device.key(), {});
        return ok();
    }
    return isLegacy() ? exception("DeviceNotAttached", "'device not attached to " + call.destination + '\'')
                      : exception("DeviceNotAssigned", "'usb device not attached to " + call.destination + '\'');
}

QByteArray FakeDom0::change(const Call &call)
{
    auto &rules = m_qubes[call.destination].rules;
    if (call.method.endsWith("Assigned")) {
        QByteArray lines;
        for (auto it = rules.cbegin(); it != rules.cend(); ++it) {
            const qsizetype plus = it.key().indexOf('+');
            const qsizetype colon = it.key().indexOf(':');
            lines += it.key() + " device_id=" + quoted(it.key().mid(colon + 1)) +
                     " port_id=" + quoted(it.key().mid(plus + 1, colon - plus - 1)) +
                     " devclass='usb' backend_domain=" + quoted(it.key().left(plus)) + " mode=" + quoted(it.value()) +
                     " frontend_domain=" + quoted(call.destination) + '\n';
        }
        return ok(lines);
    }
    // "backend+port+id": the id's own '+' are ':', "_" is any.
    QList<QByteArray> parts = call.argument.split('+');
    const QByteArray backend = parts.takeFirst();
    const QByteArray port = parts.takeFirst();
    const QByteArray id = parts.isEmpty() ? QByteArray("_") : parts.join(':');
    const QByteArray key = backend + '+' + (port == "_" ? "*" : port) + ':' +
                           (id == "_" ? "*" : QByteArray(id).replace("_______", "?******"));
    const bool there = rules.contains(key);
    if (call.method.endsWith("Assign")) {
        if (there)
            return exception("DeviceAlreadyAssigned", "'usb device already assigned to " + call.destination + '\'');
        const bool automatic = call.payload.contains("mode='auto-attach'");
        rules.insert(key, automatic ? "auto-attach" : "ask-to-attach");
        tell(event(call.destination, "device-assign:usb", {{"device", backend + ":x"}, {"options", "{}"}}));
        return ok();
    }
    if (!there)
        return exception("DeviceNotAssigned", "'usb device not assigned to " + call.destination + '\'');
    if (call.method.endsWith("Unassign")) {
        rules.remove(key);
        tell(event(call.destination, "device-unassign:usb", {{"device", backend + ":x"}}));
    } else {
        rules[key] = call.payload;
        tell(event(call.destination, "device-assignment-changed:usb", {{"device", backend + ":x"}}));
    }
    return ok();
}

} // namespace testing
