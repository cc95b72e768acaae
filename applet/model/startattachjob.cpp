// SPDX-License-Identifier: GPL-2.0-or-later
#include "startattachjob.h"

#include "devicemodel.h"

namespace model {

StartAttachJob::StartAttachJob(DeviceModel *model, const DeviceKey &device, const QubeName &frontend)
    : DeviceJob(model, Kind::StartAndAttach, device, frontend)
{
}

void StartAttachJob::run()
{
    setStep(Step::Starting);
    model()->system()->startQube(*qube(), whileAlive([this](const Result<Done> &answer) {
        model()->lookAgain();
        if (!answer || hasEnded()) {
            complete(answer ? std::nullopt : std::optional(answer.error()));
            return;
        }
        setStep(Step::Attaching);
        attachTo(*qube(), [this](const std::optional<Failure> &failure) { complete(failure); });
    }));
}

} // namespace model
