// SPDX-License-Identifier: GPL-2.0-or-later
#include "disposablejob.h"

#include "devicemodel.h"

namespace model {

DisposableJob::DisposableJob(DeviceModel *model, const DeviceKey &device, const QubeName &disposableTemplate)
    : DeviceJob(model, Kind::AttachToDisposable, device, std::nullopt)
    , m_template(disposableTemplate)
{
}

void DisposableJob::run()
{
    setStep(Step::CreatingDisposable);
    model()->system()->createDisposable(m_template, whileAlive([this](const Result<QubeName> &answer) {
                                            if (!answer) {
                                                complete(answer.error());
                                                return;
                                            }
                                            setQube(*answer);
                                            if (hasEnded())
                                                kill({});
                                            else
                                                start();
                                        }));
}

void DisposableJob::start()
{
    setStep(Step::Starting);
    model()->system()->startQube(*qube(), whileAlive([this](const Result<Done> &answer) {
        model()->lookAgain();
        if (!answer)
            kill(answer.error());
        else if (hasEnded())
            kill({});
        else
            attach();
    }));
}

void DisposableJob::attach()
{
    setStep(Step::Attaching);
    attachTo(*qube(), [this](const std::optional<Failure> &failure) {
        if (failure)
            kill(failure);
        else
            complete({}); // also if nobody waits: the device is in use there now
    });
}

void DisposableJob::kill(const std::optional<Failure> &failure)
{
    setStep(Step::CleaningUp);
    model()->system()->killQube(*qube(), whileAlive([this, failure](const Result<Done> &answer) {
        // A disposable that could not start has removed itself.
        const bool gone =
            answer || answer.error().reason == Reason::NoSuchQube || answer.error().reason == Reason::QubeNotRunning;
        setUndo(gone ? Undo::Done : Undo::Failed, gone ? std::nullopt : std::optional(answer.error()));
        model()->lookAgain();
        complete(failure);
    }));
}

} // namespace model
