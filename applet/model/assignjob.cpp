// SPDX-License-Identifier: GPL-2.0-or-later
#include "assignjob.h"

#include "devicemodel.h"

namespace model {

AssignJob::AssignJob(DeviceModel *model, Kind kind, const DeviceKey &device, Assignment assignment, AssignMode mode)
    : DeviceJob(model, kind, device, assignment.frontend)
    , m_assignment(std::move(assignment))
    , m_mode(mode)
{
}

void AssignJob::run()
{
    setStep(Step::Changing);
    const Answer<Done> answered = whileAlive([this](const Result<Done> &answer) {
        const std::optional<Failure> failure = answer ? std::nullopt : std::optional(answer.error());
        model()->rereadAssignments(m_assignment.frontend, whileAlive([this, failure](bool) { complete(failure); }));
    });
    if (kind() == Kind::Assign)
        model()->system()->assign(m_assignment, answered);
    else if (kind() == Kind::Unassign)
        model()->system()->unassign(m_assignment, answered);
    else
        model()->system()->setAssignMode(m_assignment, m_mode, answered);
}

} // namespace model
