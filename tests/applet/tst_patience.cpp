// SPDX-License-Identifier: GPL-2.0-or-later
// While the server takes its time nothing else waits. And whatever happens meanwhile: each operation has one outcome,
// and afterwards the list is true.
//
// The fake server lives on the thread of the applet, so that a call that blocks would never be answered.
#include "stage.h"

#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::JobWatch;
using testing::Stage;
using Release = FakeDom0::Release;

namespace {

const QByteArray attachCall = "admin.vm.device.usb.Attach";
const QByteArray detachCall = "admin.vm.device.usb.Detach";

/// What goes wrong while a call of a job is under way.
enum class Trouble { AnsweredLate, Deadline, Cancel, Restart, RestartAndDoneLater, Unplug };

/// Of the stick to work, with the usual qubes; the server has the call and does not answer it.
Job *attachThatIsHeld(Stage &stage)
{
    stage.dom0.addUsual();
    if (!stage.run())
        qFatal("the model does not get ready");
    stage.dom0.hold(attachCall);
    Job *const job = stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work"));
    if (!testing::eventually([&] { return stage.dom0.heldCalls(attachCall) == 1; }))
        qFatal("the call does not arrive");
    return job;
}

Job *begin(DeviceModel &model, Job::Kind kind, const DeviceKey &device)
{
    switch (kind) {
    case Job::Kind::Detach:
        return model.detach(device);
    case Job::Kind::DetachAndShutdown:
        return model.detachAndShutdown(device);
    case Job::Kind::Move:
        return model.move(device, Stage::qube("personal"));
    case Job::Kind::StartAndAttach:
        return model.startAndAttach(device, Stage::qube("vault"));
    case Job::Kind::AttachToDisposable:
        return model.attachToDisposable(device, Stage::qube("dvm"));
    default:
        return model.attach(device, Stage::qube("personal"));
    }
}

} // namespace

class TestPatience : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void slowAttachHoldsUpNobody();
    void deadline();
    void cancelWaiting();
    void cancelBeforeItBegins();
    void serverRestartInTheMiddle_data();
    void serverRestartInTheMiddle();
    void serverRestartDuringTheLook();
    void aFailureFades();
    void unpluggedInTheMiddle();
    void backendDiesInTheMiddle();
    void oneOutcome_data();
    void oneOutcome();
};

/// The server takes as long as it likes with one device: others attach, lists are read, nothing waits.
void TestPatience::slowAttachHoldsUpNobody()
{
    Stage stage;
    stage.dom0.addUsual();
    for (int i = 0; i < 20; ++i)
        stage.dom0.qube("sys-usb").devices.insert("7-" + QByteArray::number(i + 1), FakeDom0::Device{});
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    std::vector<std::unique_ptr<JobWatch>> slow;
    slow.reserve(20);
    for (int i = 0; i < 20; ++i)
        slow.push_back(std::make_unique<JobWatch>(
            stage.model.attach(Stage::device("sys-usb", "7-" + QByteArray::number(i + 1)), Stage::qube("work"))));
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 20);
    stage.dom0.plug("sys-usb", "3-1", {});
    EVENTUALLY(stage.row("sys-usb", "3-1"));
    stage.dom0.setAttached("sys-usb", "3-1", "personal");
    EVENTUALLY(stage.state("sys-usb", "3-1") == QStringLiteral("attached:personal"));
    JobWatch detach(stage.model.detach(Stage::device("sys-usb", "3-1")));
    EVENTUALLY(detach.isOver());
    QCOMPARE(detach.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "7-1"), QStringLiteral("attaching"));
    stage.dom0.release(attachCall);
    for (const auto &job : slow) {
        EVENTUALLY(job->isOver());
        QCOMPARE(job->end, Job::End::Done);
        QCOMPARE(job->ends, 1);
    }
}

void TestPatience::deadline()
{
    Stage stage({Release::R43, std::chrono::milliseconds(150)});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::TimedOut);
    QCOMPARE(job.ends, 1);
    QCOMPARE(stage.row("sys-usb", "2-1")->failure->reason, Reason::TimedOut);
    // It happens after all: the row tells, the job does not end again.
    stage.dom0.release(attachCall);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    QCOMPARE(job.ends, 1);
}

void TestPatience::cancelWaiting()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    Job *const made = stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work"));
    JobWatch job(made);
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    made->cancelWaiting();
    QCOMPARE(job.ends, 1);
    QCOMPARE(job.end, Job::End::Cancelled);
    // The server is still at it: a second attach beside it could end anywhere.
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attaching"));
    JobWatch second(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(second.isOver());
    QCOMPARE(second.reason(), Reason::Busy);
    QVERIFY(!job.isOver());
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(stage.dom0.count(attachCall), 1);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    QCOMPARE(job.ends, 1);
}

void TestPatience::cancelBeforeItBegins()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Job *const made = stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work"));
    JobWatch job(made);
    made->cancelWaiting();
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Cancelled);
    QCOMPARE(stage.dom0.count(attachCall), 0);
}

void TestPatience::serverRestartInTheMiddle_data()
{
    QTest::addColumn<bool>("itHappened");
    QTest::newRow("and it had been done") << true;
    QTest::newRow("and it had not been done") << false;
}

void TestPatience::serverRestartInTheMiddle()
{
    QFETCH(bool, itHappened);
    Stage::Options options;
    options.lostLimit = std::chrono::minutes(10);
    Stage stage(options);
    JobWatch job(attachThatIsHeld(stage));
    stage.qubesd.stop();
    EVENTUALLY(!stage.model.isReady());
    QCOMPARE(job.ends, 0); // nobody knows yet
    if (itHappened)
        stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(stage.model.isReady() && job.isOver());
    QCOMPARE(job.end, itHappened ? Job::End::Done : Job::End::Failed);
    if (!itHappened)
        QCOMPARE(job.reason(), Reason::ConnectionLost);
    QCOMPARE(stage.row("sys-usb", "2-1")->attachedTo, itHappened ? std::optional(Stage::qube("work")) : std::nullopt);
    QCOMPARE(stage.row("sys-usb", "2-1")->state, itHappened ? DeviceState::Attached : DeviceState::Failed);
    QCOMPARE(job.ends, 1);
}

/// The answer was there, and the look that followed it was not.
void TestPatience::serverRestartDuringTheLook()
{
    const QByteArray availableCall = "admin.vm.device.usb.Available";
    Stage::Options options;
    options.lostLimit = std::chrono::minutes(10);
    Stage stage(options);
    JobWatch job(attachThatIsHeld(stage));
    stage.dom0.hold(availableCall);
    stage.dom0.release(attachCall);
    EVENTUALLY(stage.dom0.heldCalls(availableCall) > 0);
    stage.qubesd.stop();
    EVENTUALLY(!stage.model.isReady());
    QCOMPARE(job.ends, 0);
    stage.dom0.forgetHeld();
    stage.dom0.release(availableCall);
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
}

/// What is red in the panel for ever tells nobody anything.
void TestPatience::aFailureFades()
{
    Stage::Options options;
    options.failureShown = std::chrono::milliseconds(300);
    Stage stage(options);
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "no port"));
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    bool wasShown = false;
    connect(&stage.model, &DeviceModel::deviceChanged, &job,
            [&wasShown, &stage] { wasShown |= stage.row("sys-usb", "2-1")->state == DeviceState::Failed; });
    EVENTUALLY(wasShown && stage.row("sys-usb", "2-1")->state == DeviceState::Free);
    QVERIFY(!stage.row("sys-usb", "2-1")->failure);
}

void TestPatience::unpluggedInTheMiddle()
{
    Stage stage;
    JobWatch job(attachThatIsHeld(stage));
    stage.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(!stage.row("sys-usb", "2-1"));
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QVERIFY(!stage.row("sys-usb", "2-1"));
    QVERIFY(stage.model.activeJobs().isEmpty());
}

void TestPatience::backendDiesInTheMiddle()
{
    Stage stage;
    JobWatch job(attachThatIsHeld(stage));
    stage.dom0.remove("sys-usb");
    EVENTUALLY(stage.model.devices().isEmpty());
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.ends, 1);
}

void TestPatience::oneOutcome_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("call");
    QTest::addColumn<QByteArray>("holder");
    QTest::addColumn<int>("trouble");
    using Kind = Job::Kind;
    struct Slow
    {
        const char *name;
        Kind kind;
        QByteArray call;
        QByteArray holder = {}; ///< who has the device before
    };
    const Slow slow[] = {
        {"attach", Kind::Attach, attachCall},
        {"detach", Kind::Detach, detachCall, "work"},
        {"move, detaching", Kind::Move, detachCall, "work"},
        {"move, attaching", Kind::Move, attachCall, "work"},
        {"start and attach, starting", Kind::StartAndAttach, "admin.vm.Start"},
        {"start and attach, attaching", Kind::StartAndAttach, attachCall},
        {"disposable, creating", Kind::AttachToDisposable, "admin.vm.CreateDisposable"},
        {"disposable, starting", Kind::AttachToDisposable, "admin.vm.Start"},
        {"disposable, attaching", Kind::AttachToDisposable, attachCall},
        {"start and move, starting", Kind::StartAndAttach, "admin.vm.Start", "work"},
        {"start and move, detaching", Kind::StartAndAttach, detachCall, "work"},
        {"start and move, attaching", Kind::StartAndAttach, attachCall, "work"},
        {"move to disposable, creating", Kind::AttachToDisposable, "admin.vm.CreateDisposable", "work"},
        {"move to disposable, starting", Kind::AttachToDisposable, "admin.vm.Start", "work"},
        {"move to disposable, detaching", Kind::AttachToDisposable, detachCall, "work"},
        {"move to disposable, attaching", Kind::AttachToDisposable, attachCall, "work"},
        {"detach and shut down, detaching", Kind::DetachAndShutdown, detachCall, "disp9"},
        {"detach and shut down, shutting down", Kind::DetachAndShutdown, "admin.vm.Shutdown", "disp9"},
    };
    const std::pair<const char *, Trouble> troubles[] = {
        {"answered late", Trouble::AnsweredLate},
        {"deadline", Trouble::Deadline},
        {"cancel", Trouble::Cancel},
        {"server restart", Trouble::Restart},
        {"server restart, done later", Trouble::RestartAndDoneLater},
        {"unplugged", Trouble::Unplug},
    };
    for (const Slow &one : slow) {
        for (const auto &[name, trouble] : troubles)
            QTest::addRow("%s: %s", one.name, name) << int(one.kind) << one.call << one.holder << int(trouble);
    }
}

void TestPatience::oneOutcome()
{
    QFETCH(int, kind);
    QFETCH(QByteArray, call);
    QFETCH(QByteArray, holder);
    QFETCH(int, trouble);
    const auto what = static_cast<Trouble>(trouble);
    const auto deadline = std::chrono::milliseconds(what == Trouble::Deadline ? 150 : 15000);
    Stage stage({FakeDom0::Release::R43, deadline, std::chrono::milliseconds(100)});
    stage.dom0.addUsual();
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    stage.dom0.add("disp9", {"DispVM", "Running", "red", false, true, false, {}, {}, {}});
    const auto does = static_cast<Job::Kind>(kind);
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = holder;
    QVERIFY(stage.run());
    const auto truth = [&] {
        const auto &devices = stage.dom0.qube("sys-usb").devices;
        const auto there = devices.find("2-1");
        const Device *const row = stage.row("sys-usb", "2-1");
        if (there == devices.end() || !row)
            return (there == devices.end()) == !row;
        return (row->attachedTo ? row->attachedTo->toString().toLatin1() : QByteArray()) == there->attachedTo;
    };

    stage.dom0.hold(call);
    Job *const made = begin(stage.model, does, Stage::device("sys-usb", "2-1"));
    JobWatch job(made);
    EVENTUALLY(stage.dom0.heldCalls(call) == 1);
    QCOMPARE(job.ends, 0);
    switch (what) {
    case Trouble::AnsweredLate:
        stage.dom0.release(call);
        EVENTUALLY(job.isOver());
        QCOMPARE(job.end, Job::End::Done);
        break;
    case Trouble::Deadline:
        EVENTUALLY(job.ends == 1);
        QCOMPARE(job.end, Job::End::TimedOut);
        QCOMPARE(job.reason(), Reason::TimedOut);
        break;
    case Trouble::Cancel:
        made->cancelWaiting();
        QCOMPARE(job.ends, 1);
        QCOMPARE(job.end, Job::End::Cancelled);
        break;
    case Trouble::Restart:
    case Trouble::RestartAndDoneLater:
        stage.qubesd.stop();
        EVENTUALLY(job.isOver());
        QCOMPARE(job.end, Job::End::Failed);
        QVERIFY(stage.qubesd.start());
        break;
    case Trouble::Unplug:
        stage.dom0.unplug("sys-usb", "2-1");
        EVENTUALLY(!stage.row("sys-usb", "2-1"));
        break;
    }
    // What a server that has ended was doing is lost with it; in all other cases it gets done in the end.
    if (what == Trouble::Restart)
        stage.dom0.forgetHeld();
    stage.dom0.release(call);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.ends, 1);
    QCOMPARE(job.overs, 1);
    EVENTUALLY(stage.model.isReady() && stage.model.activeJobs().isEmpty());
    EVENTUALLY(truth());
}

QTEST_GUILESS_MAIN(TestPatience)
#include "tst_patience.moc"
