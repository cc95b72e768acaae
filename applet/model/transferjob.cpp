// SPDX-License-Identifier: GPL-2.0-or-later
#include "transferjob.h"

#include "devicemodel.h"

namespace model {

TransferJob::TransferJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> from,
                         const QubeName &to)
    : DeviceJob(model, kind, device, kind == Kind::AttachToDisposable ? std::nullopt : std::optional(to))
    , m_to(to)
{
    setFrom(std::move(from));
}

void TransferJob::run()
{
    if (kind() == Kind::AttachToDisposable)
        create();
    else if (kind() == Kind::StartAndAttach)
        start();
    else
        take();
}

void TransferJob::create()
{
    setStep(Step::CreatingDisposable);
    model()->system()->createDisposable(m_to, whileAlive([this](const Result<QubeName> &answer) {
                                            if (!answer) {
                                                complete(answer.error());
                                                return;
                                            }
                                            setQube(*answer);
                                            if (hasEnded())
                                                giveBack({});
                                            else
                                                start();
                                        }));
}

void TransferJob::start()
{
    setStep(Step::Starting);
    model()->system()->startQube(*qube(), whileAlive([this](const Result<Done> &answer) {
        model()->lookAgain();
        if (!answer)
            giveBack(answer.error());
        else if (hasEnded())
            giveBack({});
        else
            take();
    }));
}

void TransferJob::take()
{
    if (!from()) {
        give();
        return;
    }
    setStep(Step::Detaching);
    detachFrom(*from(), [this](const std::optional<Failure> &failure) {
        m_taken = !failure;
        if (failure || hasEnded())
            giveBack(failure);
        else
            give();
    });
}

void TransferJob::give()
{
    setStep(Step::Attaching);
    attachTo(*qube(), [this](const std::optional<Failure> &failure) {
        if (failure)
            giveBack(failure);
        else
            complete({}); // also if nobody waits: the device is in use there now
    });
}

void TransferJob::giveBack(const std::optional<Failure> &failure)
{
    if (!m_taken) {
        removeDisposable(failure);
        return;
    }
    setStep(Step::GivingBack);
    attachTo(*from(), [this, failure](const std::optional<Failure> &second) {
        setGivenBack({second ? Undo::Outcome::Failed : Undo::Outcome::Done, second});
        removeDisposable(failure);
    });
}

void TransferJob::removeDisposable(const std::optional<Failure> &failure)
{
    if (kind() != Kind::AttachToDisposable) {
        complete(failure);
        return;
    }
    setStep(Step::CleaningUp);
    model()->system()->killQube(*qube(), whileAlive([this, failure](const Result<Done> &answer) {
        // A disposable that could not start has removed itself.
        const bool gone =
            answer || answer.error().reason == Reason::NoSuchQube || answer.error().reason == Reason::QubeNotRunning;
        setRemoved(gone ? Undo{Undo::Outcome::Done, {}} : Undo{Undo::Outcome::Failed, answer.error()});
        model()->lookAgain();
        complete(failure);
    }));
}

} // namespace model
