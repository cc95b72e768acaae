// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Attaches a free device.
class AttachJob : public DeviceJob
{
    Q_OBJECT
public:
    AttachJob(DeviceModel *model, const DeviceKey &device, const QubeName &frontend);

protected:
    void run() override;
};

} // namespace model
