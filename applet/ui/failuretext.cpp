// SPDX-License-Identifier: GPL-2.0-or-later
#include "failuretext.h"

#include "wording.h"

namespace ui {

using model::Job;
using model::Reason;

QString FailureText::fixed(Reason reason)
{
    switch (reason) {
    case Reason::Refused:
        return tr("Policy does not allow it.");
    case Reason::DeniedInterface:
        return tr("The qube's list of denied devices covers it.");
    case Reason::Unreachable:
        return tr("Qubes cannot be reached.");
    case Reason::ConnectionLost:
        return tr(
            "The connection to Qubes was lost before it answered. Try again if the device is not where you want it.");
    case Reason::TimedOut:
        return tr("There was no answer in time. It may still happen.");
    case Reason::NoAnswer:
        return tr("Qubes refused without a reason. The log of qubesd in dom0 may have one.");
    case Reason::Garbled:
        return tr("The answer makes no sense.");
    case Reason::Busy:
        return tr("Something else is being done with this device. Try again when that has ended.");
    case Reason::NoSuchQube:
        return tr("There is no such qube any more.");
    case Reason::QubeNotRunning:
        return tr("The qube is not running. Start it first.");
    case Reason::QubePaused:
        return tr("The qube is paused. Unpause it first.");
    case Reason::QubeNotHalted:
        return tr("That is only possible while the qube is shut down.");
    case Reason::NoSuchDevice:
        return tr("The device is not there any more.");
    case Reason::AnotherDevice:
        return tr("Another device is at that port now.");
    case Reason::AlreadyAttached:
        return tr("The device is attached already.");
    case Reason::NotAttached:
        return tr("The device is not attached.");
    case Reason::AlreadyAssigned:
        return tr("There is such a rule already.");
    case Reason::NotAssigned:
        return tr("There is no such rule.");
    case Reason::RequiredAssignment:
        return tr("A rule gives the device to the qube for as long as it runs. Remove the rule first.");
    case Reason::ProxyMissing:
        return tr("The qube that is to get the device lacks qubes-usb-engine (or qubes-usb-proxy). Install it in its "
                  "template and restart the qube.");
    case Reason::AttachFailed:
        return tr("The two qubes could not hand over the device.");
    case Reason::SamePortElsewhere:
        return tr("That qube also has a device of another backend with the same port, and Qubes might detach that one "
                  "instead. Detach the other one first.");
    case Reason::NotAsAnswered:
        return tr("Qubes reported success, but nothing changed.");
    case Reason::NotSupported:
        return tr("This release of Qubes cannot do that with this device.");
    case Reason::FeatureNotSet:
        return tr("The qube does not have that feature.");
    case Reason::Invalid:
        return tr("That is not possible with this device and qube.");
    case Reason::Cancelled:
        return tr("Cancelled.");
    case Reason::Other:
        break;
    }
    return {};
}

QString FailureText::reason(const model::Failure &failure)
{
    const QString text = fixed(failure.reason);
    if (failure.said.isEmpty())
        return text.isEmpty() ? tr("The reason is not known.") : text;
    const QString said = failure.said.toString();
    if (failure.reason == Reason::AnotherDevice)
        //: %1: the device's name
        return tr("Another device is at that port now: %1.").arg(said);
    if (failure.reason == Reason::Unreachable)
        //: %1: words of the system ("Connection refused"), in English
        return tr("Qubes cannot be reached (%1).").arg(said);
    //: %1: words of another program, in English
    const QString quoted = tr("Qubes says: %1").arg(said);
    return text.isEmpty() ? quoted : QStringLiteral("%1 %2").arg(text, quoted);
}

QString FailureText::brief(const model::Failure &failure)
{
    constexpr qsizetype longest = 60;
    const QString whole = fixed(failure.reason);
    QString text = whole.section(QLatin1String(". "), 0, 0);
    if (text != whole)
        text.append(QLatin1Char('.'));
    else if (whole.isEmpty())
        text = reason(failure);
    return Wording::shortened(text, longest);
}

QString FailureText::headline(const Job &job)
{
    const QString qube = job.qube() ? job.qube()->toString() : QString();
    switch (job.kind()) {
    case Job::Kind::Attach:
    case Job::Kind::StartAndAttach:
        return tr("Could not attach to %1").arg(qube);
    case Job::Kind::AttachToDisposable:
        return tr("Could not attach to a new disposable");
    case Job::Kind::DetachAndShutdown:
        if (job.step() == Job::Step::ShuttingDown)
            return tr("Detached from %1, but could not shut it down").arg(qube);
        [[fallthrough]];
    case Job::Kind::Detach:
        return qube.isEmpty() ? tr("Could not detach") : tr("Could not detach from %1").arg(qube);
    case Job::Kind::Move:
        return tr("Could not move to %1").arg(qube);
    case Job::Kind::Assign:
    case Job::Kind::Unassign:
    case Job::Kind::SetMode:
        return tr("Could not change the rule for %1").arg(qube);
    case Job::Kind::StartQube:
        break;
    }
    return tr("Could not start %1").arg(qube);
}

QString FailureText::explanation(const Job &job)
{
    QStringList sentences{reason(job.failure().value_or(model::Failure{}))};
    const auto whyNot = [first = sentences.first()](const Job::Undo &undo) {
        const QString why = reason(undo.failure.value_or(model::Failure{}));
        return why == first ? QString() : why; // said already
    };
    if (job.from()) {
        const QString from = job.from()->toString();
        if (job.givenBack().isDone())
            sentences.append(tr("It was given back to %1.").arg(from));
        if (job.givenBack().hasFailed())
            sentences.append(tr("It could not be given back to %1 and is not attached now. %2")
                                 .arg(from, whyNot(job.givenBack()))
                                 .trimmed());
    }
    if (job.qube()) {
        const QString disposable = job.qube()->toString();
        if (job.removed().isDone())
            sentences.append(tr("The new disposable %1 was removed again.").arg(disposable));
        if (job.removed().hasFailed())
            sentences.append(
                tr("The new disposable %1 could not be removed. %2").arg(disposable, whyNot(job.removed())).trimmed());
    }
    return sentences.join(QLatin1Char(' '));
}

} // namespace ui
