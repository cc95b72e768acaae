// SPDX-License-Identifier: GPL-2.0-or-later
// Operations of several steps: what was done is undone if a later step fails or nobody waits any more.
#include "stage.h"

#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::JobWatch;
using testing::Stage;
using Release = FakeDom0::Release;

Q_DECLARE_METATYPE(Release)

namespace {

const QByteArray attachCall = "admin.vm.device.usb.Attach";
const QByteArray detachCall = "admin.vm.device.usb.Detach";

/// The usual qubes; the stick is in use already.
bool runAttachedToWork(Stage &stage)
{
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    return stage.run();
}

} // namespace

class TestLongJobs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void move_data() { releases(); }
    void move();
    void moveGivesBack();
    void moveCannotGiveBack();
    void moveCancelledGivesBack();
    void startAndAttach_data() { releases(); }
    void startAndAttach();
    void startAndMove();
    void startFailsAndTheDeviceStays();
    void startAndMoveGivesBack();
    void newDisposable();
    void newDisposableTakesFromAnother();
    void newDisposableGivesBackAndIsKilled();
    void newDisposableIsKilledAgain();
    void newDisposableCancelled();
    void detachAndShutDown();
    void shutDownAndGoneBeforeTheAnswer();
    void detachedButNotShutDown();

private:
    static void releases();
};

void TestLongJobs::releases()
{
    QTest::addColumn<Release>("release");
    QTest::newRow("4.1") << Release::R41;
    QTest::newRow("4.2") << Release::R42;
    QTest::newRow("4.3") << Release::R43;
    QTest::newRow("main") << Release::Main;
}

void TestLongJobs::move()
{
    QFETCH(Release, release);
    Stage stage({release});
    QVERIFY(runAttachedToWork(stage));
    if (release != Release::R41)
        stage.dom0.setSlowRelease(3);
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    QCOMPARE(stage.row("sys-usb", "2-1")->state, DeviceState::Moving);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(job.givenBack.outcome, Job::Undo::Outcome::NotNeeded);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:personal"));
    QCOMPARE(job.steps, (QList<Job::Step>{Job::Step::Detaching, Job::Step::Attaching}));
}

void TestLongJobs::moveGivesBack()
{
    Stage stage;
    QVERIFY(runAttachedToWork(stage));
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("USBProxyNotInstalled", "not installed"));
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.reason(), Reason::ProxyMissing);
    QVERIFY(job.givenBack.isDone());
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed:work"));
}

void TestLongJobs::moveCannotGiveBack()
{
    Stage stage;
    QVERIFY(runAttachedToWork(stage));
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("USBProxyNotInstalled", "not installed"));
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "Device attach failed: x"));
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::ProxyMissing);
    QVERIFY(job.givenBack.hasFailed());
    QCOMPARE(job.givenBack.failure->reason, Reason::AttachFailed);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
}

void TestLongJobs::moveCancelledGivesBack()
{
    Stage stage;
    QVERIFY(runAttachedToWork(stage));
    stage.dom0.hold(detachCall);
    Job *const made = stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal"));
    JobWatch job(made);
    EVENTUALLY(stage.dom0.heldCalls(detachCall) == 1);
    made->cancelWaiting();
    stage.dom0.release(detachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Cancelled);
    QVERIFY(job.givenBack.isDone());
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    QCOMPARE(job.ends, 1);
}

void TestLongJobs::startAndAttach()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    JobWatch job(stage.model.startAndAttach(Stage::device("sys-usb", "2-1"), Stage::qube("vault")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:vault"));
}

/// The qube is ready before the device leaves the other one.
void TestLongJobs::startAndMove()
{
    Stage stage;
    QVERIFY(runAttachedToWork(stage));
    JobWatch job(stage.model.startAndAttach(Stage::device("sys-usb", "2-1"), Stage::qube("vault")));
    QCOMPARE(stage.row("sys-usb", "2-1")->state, DeviceState::Moving);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(job.steps, (QList<Job::Step>{Job::Step::Starting, Job::Step::Detaching, Job::Step::Attaching}));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:vault"));
}

void TestLongJobs::startFailsAndTheDeviceStays()
{
    Stage stage;
    QVERIFY(runAttachedToWork(stage));
    stage.dom0.scriptReply("admin.vm.Start", FakeDom0::exception("QubesMemoryError", "Not enough memory"));
    JobWatch job(stage.model.startAndAttach(Stage::device("sys-usb", "2-1"), Stage::qube("vault")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.givenBack.outcome, Job::Undo::Outcome::NotNeeded);
    QCOMPARE(stage.dom0.count(detachCall), 0);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed:work"));
}

void TestLongJobs::startAndMoveGivesBack()
{
    Stage stage;
    QVERIFY(runAttachedToWork(stage));
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("USBProxyNotInstalled", "not installed"));
    JobWatch job(stage.model.startAndAttach(Stage::device("sys-usb", "2-1"), Stage::qube("vault")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::ProxyMissing);
    QVERIFY(job.givenBack.isDone());
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed:work"));
}

void TestLongJobs::newDisposable()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    QVERIFY(stage.run());
    JobWatch job(stage.model.attachToDisposable(Stage::device("sys-usb", "2-1"), Stage::qube("dvm")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(job.qube->toString(), QStringLiteral("disp1"));
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:disp1"));
    EVENTUALLY(stage.model.qube(Stage::qube("disp1")));
}

void TestLongJobs::newDisposableTakesFromAnother()
{
    Stage stage;
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    QVERIFY(runAttachedToWork(stage));
    JobWatch job(stage.model.attachToDisposable(Stage::device("sys-usb", "2-1"), Stage::qube("dvm")));
    QCOMPARE(stage.row("sys-usb", "2-1")->state, DeviceState::Moving);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(job.steps, (QList<Job::Step>{Job::Step::CreatingDisposable, Job::Step::Starting, Job::Step::Detaching,
                                          Job::Step::Attaching}));
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:disp1"));
}

void TestLongJobs::newDisposableGivesBackAndIsKilled()
{
    Stage stage;
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    QVERIFY(runAttachedToWork(stage));
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "Device attach failed: x"));
    JobWatch job(stage.model.attachToDisposable(Stage::device("sys-usb", "2-1"), Stage::qube("dvm")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::AttachFailed);
    QVERIFY(job.givenBack.isDone());
    QVERIFY(job.removed.isDone());
    EVENTUALLY(!stage.model.qube(Stage::qube("disp1")));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed:work"));
}

void TestLongJobs::newDisposableIsKilledAgain()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "Device attach failed: x"));
    JobWatch job(stage.model.attachToDisposable(Stage::device("sys-usb", "2-1"), Stage::qube("dvm")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::AttachFailed);
    QVERIFY(job.removed.isDone());
    QCOMPARE(stage.dom0.count("admin.vm.Kill"), 1);
    EVENTUALLY(!stage.model.qube(Stage::qube("disp1")));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
}

void TestLongJobs::newDisposableCancelled()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    QVERIFY(stage.run());
    stage.dom0.hold("admin.vm.Start");
    Job *const made = stage.model.attachToDisposable(Stage::device("sys-usb", "2-1"), Stage::qube("dvm"));
    JobWatch job(made);
    EVENTUALLY(stage.dom0.heldCalls("admin.vm.Start") == 1);
    made->cancelWaiting();
    stage.dom0.release("admin.vm.Start");
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Cancelled);
    QCOMPARE(stage.dom0.count(attachCall), 0);
    QCOMPARE(stage.dom0.count("admin.vm.Kill"), 1);
}

void TestLongJobs::detachAndShutDown()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("disp9", {"DispVM", "Running", "red", false, true, false, {}, {}, {}});
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "disp9";
    QVERIFY(stage.run());
    QVERIFY(stage.model.qube(Stage::qube("disp9"))->properties->autoCleanup);
    JobWatch job(stage.model.detachAndShutdown(Stage::device("sys-usb", "2-1")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    EVENTUALLY(!stage.model.qube(Stage::qube("disp9")));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
}

/// A disposable goes while it is shut down, and the server can no longer answer for it.
void TestLongJobs::shutDownAndGoneBeforeTheAnswer()
{
    const QByteArray shutdown = "admin.vm.Shutdown";
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("disp9", {"DispVM", "Running", "red", false, true, false, {}, {}, {}});
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "disp9";
    QVERIFY(stage.run());
    stage.dom0.hold(shutdown);
    JobWatch job(stage.model.detachAndShutdown(Stage::device("sys-usb", "2-1")));
    EVENTUALLY(stage.dom0.heldCalls(shutdown) == 1);
    stage.dom0.remove("disp9");
    stage.dom0.release(shutdown);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
}

void TestLongJobs::detachedButNotShutDown()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("disp9", {"DispVM", "Running", "red", false, true, false, {}, {}, {}});
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "disp9";
    QVERIFY(stage.run());
    stage.dom0.scriptReply("admin.vm.Shutdown", FakeDom0::exception("QubesVMError", "it has\nother plans\n"));
    JobWatch job(stage.model.detachAndShutdown(Stage::device("sys-usb", "2-1")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.steps.last(), Job::Step::ShuttingDown);
    QCOMPARE(job.failure->said.toString(), QStringLiteral("it has other plans"));
    QCOMPARE(stage.row("sys-usb", "2-1")->attachedTo, std::nullopt);
}

QTEST_GUILESS_MAIN(TestLongJobs)
#include "tst_longjobs.moc"
