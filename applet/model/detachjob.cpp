// SPDX-License-Identifier: GPL-2.0-or-later
#include "detachjob.h"

#include "devicemodel.h"

#include <algorithm>

namespace model {

DetachJob::DetachJob(DeviceModel *model, Kind kind, const DeviceKey &device, const QubeName &frontend)
    : DeviceJob(model, kind, device, frontend)
{
}

void DetachJob::run()
{
    setStep(Step::Detaching);
    detachFrom(*qube(), [this](const std::optional<Failure> &failure) {
        if (failure || hasEnded() || kind() != Kind::DetachAndShutdown) {
            complete(failure);
            return;
        }
        setStep(Step::ShuttingDown);
        model()->system()->shutdownQube(*qube(), whileAlive([this](const Result<Done> &answer) {
            if (answer)
                complete({});
            else
                lookWhetherItIsDown(answer.error());
        }));
    });
}

/// A disposable goes while it is shut down, and the answer with it.
void DetachJob::lookWhetherItIsDown(const Failure &failure)
{
    model()->system()->listQubes(whileAlive([this, failure](const Result<QubeList> &list) {
        const auto isUp = [this](const QubeListing &listing) {
            return listing.name == *qube() && listing.state != PowerState::Halted;
        };
        const bool isDown = list && std::none_of(list->qubes.begin(), list->qubes.end(), isUp);
        complete(isDown ? std::nullopt : std::optional(failure));
    }));
}

} // namespace model
