// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "job.h"

namespace model {

/// Starts a qube, to see its devices.
class StartQubeJob : public Job
{
    Q_OBJECT
public:
    StartQubeJob(DeviceModel *model, const QubeName &qube);

protected:
    void run() override;
};

} // namespace model
