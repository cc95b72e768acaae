// SPDX-License-Identifier: GPL-2.0-or-later
#include "startqubejob.h"

#include "devicemodel.h"

#include "qubessystem.h"

#include <QPointer>

namespace model {

StartQubeJob::StartQubeJob(DeviceModel *model, const QubeName &qube)
    : Job(model, Kind::StartQube, std::nullopt, qube)
{
}

void StartQubeJob::run()
{
    setStep(Step::Starting);
    model()->system()->startQube(*qube(), [guard = QPointer<StartQubeJob>(this)](const Result<Done> &answer) {
        if (!guard)
            return;
        guard->model()->lookAgain();
        guard->complete(answer ? std::nullopt : std::optional(answer.error()));
    });
}

} // namespace model
