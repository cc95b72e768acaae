// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "job.h"

namespace model {

/// A job that makes no sense from the start: it only fails.
class RefusedJob : public Job
{
    Q_OBJECT
public:
    /// `subject`: what the device was called by whoever asked, if known.
    RefusedJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> qube, Failure failure,
               const PlainText &subject);

protected:
    void run() override;

private:
    Failure m_failure;
};

} // namespace model
