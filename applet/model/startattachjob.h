// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Starts a halted qube, then attaches to it.
class StartAttachJob : public DeviceJob
{
    Q_OBJECT
public:
    StartAttachJob(DeviceModel *model, const DeviceKey &device, const QubeName &frontend);

protected:
    void run() override;
};

} // namespace model
