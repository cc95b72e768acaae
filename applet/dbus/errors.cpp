// SPDX-License-Identifier: GPL-2.0-or-later
#include "errors.h"

namespace dbus {

using model::Failure;
using model::Job;
using model::Reason;

namespace {

QString fixedText(Reason reason)
{
    switch (reason) {
    case Reason::Refused:
        return QStringLiteral("not allowed by policy");
    case Reason::DeniedInterface:
        return QStringLiteral("the qube's list of denied devices covers it");
    case Reason::Unreachable:
        return QStringLiteral("the Admin API cannot be reached");
    case Reason::ConnectionLost:
        return QStringLiteral("the connection to the Admin API was lost before it answered");
    case Reason::TimedOut:
        return QStringLiteral("no answer in time");
    case Reason::NoAnswer:
        return QStringLiteral("the Admin API refused without a reason (its log in dom0 may have one)");
    case Reason::Garbled:
        return QStringLiteral("the Admin API's answer makes no sense");
    case Reason::Busy:
        return QStringLiteral("another operation on this device is under way");
    case Reason::NoSuchQube:
        return QStringLiteral("there is no such qube");
    case Reason::QubeNotRunning:
        return QStringLiteral("the qube is not running");
    case Reason::QubePaused:
        return QStringLiteral("the qube is paused");
    case Reason::QubeNotHalted:
        return QStringLiteral("only possible while the qube is halted");
    case Reason::NoSuchDevice:
        return QStringLiteral("the device is not there any more");
    case Reason::AnotherDevice:
        return QStringLiteral("another device is at that port now");
    case Reason::AlreadyAttached:
        return QStringLiteral("the device is attached already");
    case Reason::NotAttached:
        return QStringLiteral("the device is not attached");
    case Reason::AlreadyAssigned:
        return QStringLiteral("such a rule exists already");
    case Reason::NotAssigned:
        return QStringLiteral("there is no such rule");
    case Reason::RequiredAssignment:
        return QStringLiteral("the qube requires the device while it runs");
    case Reason::ProxyMissing:
        return QStringLiteral("qubes-usb-proxy is not installed in the qube that is to get the device");
    case Reason::AttachFailed:
        return QStringLiteral("the qubes could not hand over the device");
    case Reason::SamePortElsewhere:
        return QStringLiteral("a device of another backend with the same port is attached to that qube, and the server "
                              "could detach that one instead");
    case Reason::NotAsAnswered:
        return QStringLiteral("the server reported success, but nothing changed");
    case Reason::NotSupported:
        return QStringLiteral("not possible with this release of Qubes or this device");
    case Reason::FeatureNotSet:
        return QStringLiteral("the feature is not set");
    case Reason::Invalid:
        return QStringLiteral("not possible: wrong device or qube");
    case Reason::Cancelled:
        return QStringLiteral("cancelled");
    case Reason::Other:
        break;
    }
    return {};
}

QString verb(Job::Kind kind)
{
    switch (kind) {
    case Job::Kind::Detach:
    case Job::Kind::DetachAndShutdown:
        return QStringLiteral("detach");
    case Job::Kind::Move:
        return QStringLiteral("move");
    case Job::Kind::Assign:
    case Job::Kind::Unassign:
    case Job::Kind::SetMode:
        return QStringLiteral("change the rule of");
    case Job::Kind::StartQube:
        return QStringLiteral("start");
    case Job::Kind::Attach:
    case Job::Kind::StartAndAttach:
    case Job::Kind::AttachToDisposable:
        break;
    }
    return QStringLiteral("attach");
}

} // namespace

QString questionText(control::Question question)
{
    if (question == control::Question::InputDevice)
        return QStringLiteral(
            "Input device: the qube that gets it can read and forge what is typed or clicked with it.");
    return QStringLiteral("The server does not say what this device is: it may be an input device.");
}

QString errorName(Reason reason)
{
    return QStringLiteral("org.qubes.UsbApplet1.Error.") + QString::fromLatin1(model::reasonName(reason));
}

QString reasonText(const Failure &failure)
{
    const QString fixed = fixedText(failure.reason);
    if (failure.said.isEmpty())
        return fixed.isEmpty() ? QStringLiteral("unknown error") : fixed;
    return fixed.isEmpty() ? failure.said.toString() : fixed + QStringLiteral(": ") + failure.said.toString();
}

QString jobText(const Job &job)
{
    QString text = verb(job.kind());
    if (job.device())
        text += QLatin1Char(' ') + job.device()->toString();
    if (job.qube()) {
        const bool away = job.kind() == Job::Kind::Detach || job.kind() == Job::Kind::DetachAndShutdown;
        const QString preposition = !job.device() ? QStringLiteral(" ")
                                    : away        ? QStringLiteral(" from ")
                                                  : QStringLiteral(" to ");
        text += preposition + job.qube()->toString();
    }
    return text;
}

QString errorMessage(const Job &job)
{
    QString text = QStringLiteral("Could not ") + jobText(job);
    text += QStringLiteral(": ") + reasonText(job.failure().value_or(Failure{})) + QLatin1Char('.');
    const auto whyNot = [](const Job::Undo &undo) { return reasonText(undo.failure.value_or(Failure{})); };
    if (job.from() && job.givenBack().isDone())
        text += QStringLiteral(" It was given back to %1.").arg(job.from()->toString());
    if (job.from() && job.givenBack().hasFailed())
        text += QStringLiteral(" It could not be given back to %1: %2.")
                    .arg(job.from()->toString(), whyNot(job.givenBack()));
    if (job.removed().hasFailed())
        text += QStringLiteral(" The new disposable could not be killed: %1.").arg(whyNot(job.removed()));
    return text;
}

} // namespace dbus
