// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicejob.h"

namespace model {

/// Attaches to a new disposable. If that fails, or nobody waits any longer, the disposable is killed again; undo()
/// tells whether that worked.
class DisposableJob : public DeviceJob
{
    Q_OBJECT
public:
    DisposableJob(DeviceModel *model, const DeviceKey &device, const QubeName &disposableTemplate);

protected:
    void run() override;

private:
    void start();
    void attach();
    void kill(const std::optional<Failure> &failure);

    QubeName m_template;
};

} // namespace model
