// SPDX-License-Identifier: GPL-2.0-or-later
#include "movejob.h"

#include "devicemodel.h"

namespace model {

MoveJob::MoveJob(DeviceModel *model, const DeviceKey &device, const QubeName &from, const QubeName &to)
    : DeviceJob(model, Kind::Move, device, to)
{
    setFrom(from);
}

void MoveJob::run()
{
    setStep(Step::Detaching);
    detachFrom(*from(), [this](const std::optional<Failure> &failure) {
        if (failure) {
            complete(failure); // it still is where it was
            return;
        }
        if (hasEnded()) {
            giveBack({});
            return;
        }
        setStep(Step::Attaching);
        attachTo(*qube(), [this](const std::optional<Failure> &second) {
            if (second)
                giveBack(second);
            else
                complete({});
        });
    });
}

void MoveJob::giveBack(const std::optional<Failure> &failure)
{
    // Somebody who cancelled may have begun something else with the device since.
    const Job *const other = model()->activeJob(key());
    if (other && other != this) {
        complete(failure);
        return;
    }
    setStep(Step::GivingBack);
    attachTo(*from(), [this, failure](const std::optional<Failure> &third) {
        setUndo(third ? Undo::Failed : Undo::Done, third);
        complete(failure);
    });
}

} // namespace model
