// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Detaches a device; then, if asked, shuts down the qube that had it.
class DetachJob : public DeviceJob
{
    Q_OBJECT
public:
    DetachJob(DeviceModel *model, Kind kind, const DeviceKey &device, const QubeName &frontend);

protected:
    void run() override;
    void lookWhetherItIsDown(const Failure &failure);
};

} // namespace model
