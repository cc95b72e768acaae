// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Takes a device from one qube to another. If the second does not get it, or nobody waits any longer, the first gets
/// it back; undo() tells whether that worked.
class MoveJob : public DeviceJob
{
    Q_OBJECT
public:
    MoveJob(DeviceModel *model, const DeviceKey &device, const QubeName &from, const QubeName &to);

protected:
    void run() override;

private:
    void giveBack(const std::optional<Failure> &failure);
};

} // namespace model
