// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Gives a device to a qube, wherever the device is: the qube is made or started first if need be, then the device is
/// taken from the qube that has it, then attached. If a step fails, or nobody waits any longer, what was done before is
/// undone: the device goes back to where it was, and a disposable made for it is killed. A qube that was started stays
/// up: somebody may be using it by then.
class TransferJob : public DeviceJob
{
    Q_OBJECT
public:
    /// `kind`: Attach, Move, StartAndAttach, or AttachToDisposable, whose `to` is the template. `from`: who has it.
    TransferJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> from,
                const QubeName &to);

protected:
    void run() override;

private:
    void create();
    void start();
    void take();
    void give();
    void giveBack(const std::optional<Failure> &failure);
    void removeDisposable(const std::optional<Failure> &failure);

    QubeName m_to;
    bool m_taken = false; ///< from() has lost it to us
};

} // namespace model
