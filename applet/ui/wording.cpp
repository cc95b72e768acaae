// SPDX-License-Identifier: GPL-2.0-or-later
#include "wording.h"

namespace ui {

using model::AssignMode;
using model::AssignScope;
using model::Category;
using model::Connection;
using model::DeviceState;
using model::Job;

namespace {

constexpr qsizetype maxInterfaces = 8;

QString nameOf(const std::optional<model::QubeName> &qube)
{
    return qube ? qube->toString() : QStringLiteral("?");
}

} // namespace

QString Wording::category(Category category)
{
    switch (category) {
    case Category::Network:
        return tr("Network adapter");
    case Category::Keyboard:
        return tr("Keyboard");
    case Category::Mouse:
        return tr("Mouse");
    case Category::Input:
        return tr("Input device");
    case Category::Printer:
        return tr("Printer");
    case Category::Camera:
        return tr("Camera");
    case Category::Audio:
        return tr("Audio device");
    case Category::Multimedia:
        return tr("Multimedia device");
    case Category::Storage:
        return tr("USB storage");
    case Category::Bluetooth:
        return tr("Bluetooth adapter");
    case Category::SmartCard:
        return tr("Smart card or security key");
    case Category::Serial:
        return tr("Serial port");
    case Category::Phone:
        return tr("Phone");
    case Category::Other:
        break;
    }
    return tr("USB device");
}

QString Wording::name(const model::DeviceModel &model, const model::UsbDevice &device)
{
    const QString known = model.name(device).toString();
    if (!known.isEmpty() && !model.isProductNamed(device))
        return QStringLiteral("%1 · %2").arg(known, category(device.category())); // the maker alone says little
    if (!known.isEmpty())
        return known;
    //: %1: what it is ("Keyboard"), %2: the port
    return tr("%1 at port %2").arg(category(device.category()), device.key.port.toString());
}

QString Wording::uniqueName(const model::DeviceModel &model, const model::Device &device)
{
    const QString plain = name(model, device.usb);
    return device.ambiguous ? QStringLiteral("%1 (%2)").arg(plain, device.key().toString()) : plain;
}

QString Wording::state(const model::Device &device)
{
    switch (device.state) {
    case DeviceState::Free:
        return tr("not attached");
    case DeviceState::Attaching:
        return device.target ? tr("attaching to %1…").arg(device.target->toString()) : tr("attaching…");
    case DeviceState::Attached:
        return tr("attached to %1").arg(nameOf(device.attachedTo));
    case DeviceState::Detaching:
        return tr("detaching from %1…").arg(nameOf(device.attachedTo));
    case DeviceState::Moving:
        return device.target ? tr("moving to %1…").arg(device.target->toString()) : tr("moving…");
    case DeviceState::Failed:
        return device.attachedTo ? tr("failed; attached to %1").arg(device.attachedTo->toString())
                                 : tr("failed; not attached");
    }
    return {};
}

QString Wording::shortened(const QString &text, qsizetype longest)
{
    if (text.size() <= longest)
        return text;
    // Not through the middle of a character.
    const qsizetype kept = longest - 1 - (text.at(longest - 2).isHighSurrogate() ? 1 : 0);
    return text.first(kept).trimmed() + QChar(0x2026);
}

QString Wording::isNew()
{
    //: the mark of a device that was plugged in and not looked at yet
    return tr("new");
}

QString Wording::menuRow(const model::DeviceModel &model, const model::Device &device, bool isNews)
{
    const bool nameless = model.name(device.usb).isEmpty(); // then the name has the port already
    const QString what = QStringLiteral("%1 · %2").arg(
        nameless ? category(device.usb.category()) : shortened(name(model, device.usb)), device.key().port.toString());
    if (device.state == DeviceState::Free)
        return isNews ? QStringLiteral("%1 · %2").arg(what, isNew()) : what;
    if (device.state == DeviceState::Attached)
        return QStringLiteral("%1 → %2").arg(what, nameOf(device.attachedTo));
    return QStringLiteral("%1 · %2").arg(what, state(device));
}

QString Wording::step(const Job &job)
{
    const QString qube = nameOf(job.qube());
    switch (job.step()) {
    case Job::Step::Waiting:
        return tr("Waiting…");
    case Job::Step::CreatingDisposable:
        return tr("Creating a disposable…");
    case Job::Step::Starting:
        return tr("Starting %1…").arg(qube);
    case Job::Step::Detaching:
        return tr("Detaching from %1…").arg(job.from() ? nameOf(job.from()) : qube);
    case Job::Step::Attaching:
        return tr("Attaching to %1…").arg(qube);
    case Job::Step::GivingBack:
        return tr("Giving back to %1…").arg(nameOf(job.from()));
    case Job::Step::CleaningUp:
        return tr("Removing the disposable…");
    case Job::Step::ShuttingDown:
        return tr("Shutting down %1…").arg(qube);
    case Job::Step::Changing:
        return tr("Changing the rule…");
    }
    return {};
}

QString Wording::missingRows(const model::BackendStatus &status)
{
    if (status.unreadableRows > 0)
        return tr("%n device(s) cannot be read", nullptr, status.unreadableRows);
    return status.unshownRows > 0 ? tr("%n more device(s), not shown", nullptr, status.unshownRows) : QString();
}

QString Wording::connection(Connection connection)
{
    switch (connection) {
    case Connection::Connecting:
        return tr("Connecting to Qubes…");
    case Connection::Connected:
        return tr("Connected to Qubes");
    case Connection::WithoutEvents:
        return tr("Policy allows no events: changes are seen late");
    case Connection::Disconnected:
        break;
    }
    return tr("No connection to Qubes; trying again");
}

QString Wording::inputWarning(const model::UsbDevice &device)
{
    return device.isInput() ? question(control::Question::InputDevice) : QString();
}

QString Wording::question(control::Question question)
{
    return question == control::Question::InputDevice
               ? tr("Input device: the qube that gets it can read and forge what you type or click with it.")
               : tr("Qubes does not say what this device is. If it is a keyboard or a mouse, the qube that gets it can "
                    "read "
                    "and forge what you type or click with it.");
}

QString Wording::beforeDetach(const model::Device &device)
{
    // Detaching pulls the plug; that a disk is in use there is not known here.
    return device.attachedTo && model::hasDisk(device.usb.interfaces)
               ? tr("Unmount it in %1 first").arg(device.attachedTo->toString())
               : QString();
}

QString Wording::interfaces(const model::UsbDevice &device)
{
    QStringList texts;
    for (const model::Interface &interface : device.interfaces) {
        const QString code = QString::fromLatin1(interface.bytes());
        texts.append(interface.isKnown() ? QStringLiteral("%1 (%2)").arg(category(model::categoryOf(interface)), code)
                                         : tr("unknown"));
    }
    texts.removeDuplicates();
    if (texts.size() > maxInterfaces) { // a device may claim any number
        const qsizetype more = texts.size() - maxInterfaces;
        texts.resize(maxInterfaces);
        texts.append(tr("%n more", nullptr, static_cast<int>(more)));
    }
    return texts.join(QStringLiteral(", "));
}

QString Wording::mode(AssignMode mode)
{
    switch (mode) {
    case AssignMode::Manual:
        return tr("by hand");
    case AssignMode::Ask:
        return tr("ask first");
    case AssignMode::Automatic:
        return tr("automatically");
    case AssignMode::Required:
        return tr("required to start");
    case AssignMode::Persistent:
        return tr("whenever the qube starts");
    }
    return {};
}

QString Wording::scope(AssignScope scope)
{
    switch (scope) {
    case AssignScope::PortAndDevice:
        return tr("this device at this port");
    case AssignScope::Device:
        return tr("this device at any port");
    case AssignScope::Port:
        break;
    }
    return tr("any device at this port");
}

QString Wording::scope(const model::Assignment &assignment)
{
    const auto scope = assignment.scope();
    return scope ? Wording::scope(*scope) : tr("any device of the backend");
}

QString Wording::attachTo(const model::QubeName &qube)
{
    return tr("Attach to %1").arg(qube.toString());
}

QString Wording::detach()
{
    return tr("Detach");
}

QString Wording::stopWaiting()
{
    return tr("Stop waiting");
}

QString Wording::retry()
{
    return tr("Try again");
}

QString Wording::dismiss()
{
    return tr("Dismiss");
}

QString Wording::details()
{
    return tr("Details…");
}

QString Wording::rule(const model::Assignment &assignment)
{
    //: %1: qube, %2: how ("automatically"), %3: which ("any device at this port")
    return tr("%1: %2, %3").arg(assignment.frontend.toString(), mode(assignment.mode), scope(assignment));
}

} // namespace ui
