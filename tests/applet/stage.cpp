// SPDX-License-Identifier: GPL-2.0-or-later
#include "stage.h"

#include "qubes/qubesdtransport.h"

#include <QAbstractEventDispatcher>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QTimer>

namespace testing {

namespace {

using std::chrono::milliseconds;

qubes::AdminClient::Settings clientSettings(const Stage::Options &options)
{
    qubes::AdminClient::Settings settings;
    settings.quickDeadline = options.quickDeadline;
    settings.slowDeadline = options.slowDeadline;
    settings.events.firstDelay = milliseconds(20);
    settings.events.longestDelay = milliseconds(200);
    return settings;
}

model::DeviceModel::Timing modelTiming(const Stage::Options &options)
{
    model::DeviceModel::Timing timing;
    timing.refresh.quiet = milliseconds(10);
    timing.refresh.patience = milliseconds(100);
    timing.refresh.firstRetry = milliseconds(50);
    timing.refresh.lastRetry = milliseconds(400);
    timing.old = milliseconds(200);
    timing.settlePoll = milliseconds(20);
    timing.settleLimit = options.settleLimit;
    timing.failureShown = options.failureShown;
    timing.lostLimit = options.lostLimit;
    timing.withoutEvents = milliseconds(100);
    return timing;
}

} // namespace

bool eventually(const std::function<bool()> &condition)
{
    QDeadlineTimer limit(milliseconds(60000));
    QEventLoop loop;
    QTimer wake; // for conditions that become true without an event of their own
    wake.start(milliseconds(20));
    QObject::connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::aboutToBlock, &loop, [&] {
        if (condition() || limit.hasExpired())
            loop.quit();
    });
    while (!condition()) {
        if (limit.hasExpired())
            return false;
        loop.exec();
    }
    return true;
}

Stage::Stage(const Options &options)
    : dom0(options.release)
    , qubesd(&dom0)
    , client(std::make_unique<qubes::QubesdTransport>(options.socketPath.isEmpty() ? qubesd.socketPath()
                                                                                   : options.socketPath),
             clientSettings(options))
    , model(&client, &names, modelTiming(options))
{
}

bool Stage::run()
{
    if (!qubesd.start())
        return false;
    model.start();
    return eventually([this] { return model.isReady(); });
}

model::QubeName Stage::qube(const char *name)
{
    return model::QubeName::parse(QByteArrayView(name)).value();
}

model::DeviceKey Stage::device(const char *backend, const char *port)
{
    return {qube(backend), model::PortId::parse(QByteArrayView(port)).value()};
}

QString Stage::state(const char *backend, const char *port) const
{
    const model::Device *const device = row(backend, port);
    if (!device)
        return {};
    QString text = QString::fromLatin1(model::deviceStateName(device->state));
    if (device->attachedTo)
        text += QLatin1Char(':') + device->attachedTo->toString();
    return text;
}

JobWatch::JobWatch(model::Job *job)
{
    connect(job, &model::Job::stepChanged, this, [this](model::Job::Step step) { steps.append(step); });
    connect(job, &model::Job::finished, this, [this, job] {
        ++ends;
        end = job->end();
        failure = job->failure();
        qube = job->qube();
    });
    connect(job, &model::Job::over, this, [this, job] {
        ++overs;
        givenBack = job->givenBack();
        removed = job->removed();
        qube = job->qube();
    });
}

} // namespace testing
