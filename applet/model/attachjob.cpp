// SPDX-License-Identifier: GPL-2.0-or-later
#include "attachjob.h"

#include "devicemodel.h"

namespace model {

AttachJob::AttachJob(DeviceModel *model, const DeviceKey &device, const QubeName &frontend)
    : DeviceJob(model, Kind::Attach, device, frontend)
{
}

void AttachJob::run()
{
    setStep(Step::Attaching);
    attachTo(*qube(), [this](const std::optional<Failure> &failure) { complete(failure); });
}

} // namespace model
