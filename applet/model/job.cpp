// SPDX-License-Identifier: GPL-2.0-or-later
#include "job.h"

#include "devicemodel.h"

namespace model {

Job::Job(DeviceModel *model, Kind kind, std::optional<DeviceKey> device, std::optional<QubeName> qube)
    : QObject(model)
    , m_model(model)
    , m_kind(kind)
    , m_device(std::move(device))
    , m_qube(std::move(qube))
{
}

Job::~Job() = default;

void Job::begin()
{
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (hasEnded())
                Q_EMIT over(); // cancelled before it began
            else
                run();
        },
        Qt::QueuedConnection);
}

void Job::cancelWaiting()
{
    if (!hasEnded())
        endAs(End::Cancelled, Failure{Reason::Cancelled, {}});
}

void Job::setStep(Step step)
{
    if (m_step == step)
        return;
    m_step = step;
    Q_EMIT stepChanged(step);
}

void Job::complete(const std::optional<Failure> &failure)
{
    if (!hasEnded()) {
        if (!failure)
            endAs(End::Done, {});
        else
            endAs(failure->reason == Reason::TimedOut ? End::TimedOut : End::Failed, failure);
    }
    Q_EMIT over();
}

void Job::endAs(End end, const std::optional<Failure> &failure)
{
    m_end = end;
    m_failure = failure;
    Q_EMIT finished();
}

} // namespace model
