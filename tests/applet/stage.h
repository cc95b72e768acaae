// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "fakedom0.h"
#include "fakequbesd.h"

#include "model/devicemodel.h"
#include "qubes/adminclient.h"

#include <QTest>

#include <functional>
#include <memory>

/// Waits for what must become true; the limit only matters when it never does.
#define EVENTUALLY(condition) QVERIFY2(testing::eventually([&] { return bool(condition); }), #condition)

namespace testing {

/// Runs the event loop until `condition` is true, looking after every turn (QTest::qWaitFor sleeps in between).
bool eventually(const std::function<bool()> &condition);

/// The applet's core on a fake qubesd, with short times.
class Stage
{
public:
    struct Options
    {
        FakeDom0::Release release = FakeDom0::Release::R43;
        std::chrono::milliseconds slowDeadline{15000};
        std::chrono::milliseconds settleLimit{3000};
        QString socketPath = {};                        ///< of another server than `qubesd`
        std::chrono::milliseconds quickDeadline{60000}; ///< never reached, on a busy machine either
        std::chrono::milliseconds lostLimit{100};
        std::chrono::milliseconds failureShown{3600000};
    };
    Stage()
        : Stage(Options{})
    {
    }
    explicit Stage(const Options &options);

    FakeDom0 dom0;
    FakeQubesd qubesd;
    model::HardwareNames names; ///< none: those of the test's machine would differ
    qubes::AdminClient client;
    model::DeviceModel model;

    /// Opens the socket and starts the model; true once everything has been read.
    bool run();

    static model::QubeName qube(const char *name);
    static model::DeviceKey device(const char *backend, const char *port);
    const model::Device *row(const char *backend, const char *port) const
    {
        return model.device(device(backend, port));
    }
    /// "attached:work" and the like; "" if there is no such row.
    QString state(const char *backend, const char *port) const;
};

/// How a job ended; it deletes itself, so what is to be checked later is kept here.
class JobWatch : public QObject
{
    Q_OBJECT
public:
    explicit JobWatch(model::Job *job);

    int ends = 0;
    int overs = 0;
    model::Job::End end = model::Job::End::Failed;
    std::optional<model::Failure> failure;
    model::Job::Undo givenBack;
    model::Job::Undo removed;
    std::optional<model::QubeName> qube;
    QList<model::Job::Step> steps;

    bool isOver() const { return overs > 0; }
    model::Reason reason() const { return failure ? failure->reason : model::Reason::Other; }
};

} // namespace testing
