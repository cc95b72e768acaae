// SPDX-License-Identifier: GPL-2.0-or-later
#include "detachjob.h"

#include "devicemodel.h"

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
            complete(answer ? std::nullopt : std::optional(answer.error()));
        }));
    });
}

} // namespace model
