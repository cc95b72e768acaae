// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Adds, changes or removes an automatic rule.
class AssignJob : public DeviceJob
{
    Q_OBJECT
public:
    AssignJob(DeviceModel *model, Kind kind, const DeviceKey &device, Assignment assignment, AssignMode mode);

protected:
    void run() override;

private:
    Assignment m_assignment;
    AssignMode m_mode;
};

} // namespace model
