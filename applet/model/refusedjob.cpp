// SPDX-License-Identifier: GPL-2.0-or-later
#include "refusedjob.h"

#include "devicemodel.h"

namespace model {

RefusedJob::RefusedJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> qube,
                       Failure failure, const PlainText &subject)
    : Job(model, kind, device, std::move(qube))
    , m_failure(std::move(failure))
{
    setSubject(subject);
}

void RefusedJob::run()
{
    complete(m_failure);
}

} // namespace model
