// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "job.h"

namespace model {

/// A job that makes no sense from the start: it only fails.
class RefusedJob : public Job
{
    Q_OBJECT
public:
    RefusedJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> qube, Failure failure);

protected:
    void run() override;

private:
    Failure m_failure;
};

} // namespace model
