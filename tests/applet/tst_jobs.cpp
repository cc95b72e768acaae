// SPDX-License-Identifier: GPL-2.0-or-later
// Every operation ends exactly once, and afterwards the list is true.
#include "stage.h"

#include <QElapsedTimer>
#include <QSignalSpy>
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

} // namespace

class TestJobs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void attachAndDetach_data() { releases(); }
    void attachAndDetach();
    void attachFails_data();
    void attachFails();
    void failureIsForgotten();
    void okThatIsNone();
    void errorThatIsNone();
    void deviceSwappedMeanwhile();
    void makesNoSense();
    void slowAttachHoldsUpNobody();
    void oneJobPerDevice();
    void deadline();
    void cancelWaiting();
    void cancelBeforeItBegins();
    void serverRestartInTheMiddle_data();
    void serverRestartInTheMiddle();
    void unpluggedInTheMiddle();
    void backendDiesInTheMiddle();
    void samePortOfAnotherBackend_data();
    void samePortOfAnotherBackend();
    void detachLetsGoLate();
    void move_data() { releases(); }
    void move();
    void moveGivesBack();
    void moveCannotGiveBack();
    void moveCancelledGivesBack();
    void startAndAttach_data() { releases(); }
    void startAndAttach();
    void newDisposable();
    void newDisposableIsKilledAgain();
    void newDisposableCancelled();
    void detachAndShutDown();
    void rules();
    void legacyRules();
    void hostileSerialsAttach();

private:
    static void releases();
};

void TestJobs::releases()
{
    QTest::addColumn<Release>("release");
    QTest::newRow("4.1") << Release::R41;
    QTest::newRow("4.2") << Release::R42;
    QTest::newRow("4.3") << Release::R43;
    QTest::newRow("main") << Release::Main;
}

void TestJobs::attachAndDetach()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    JobWatch attach(stage.model.attach(stick, Stage::qube("work")));
    QCOMPARE(stage.model.device(stick)->state, DeviceState::Attaching);
    QCOMPARE(stage.model.device(stick)->target, Stage::qube("work"));
    QCOMPARE(attach.ends, 0); // never before the call that made it has returned
    EVENTUALLY(attach.isOver());
    QCOMPARE(attach.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:work"));

    JobWatch detach(stage.model.detach(stick));
    QCOMPARE(stage.model.device(stick)->state, DeviceState::Detaching);
    EVENTUALLY(detach.isOver());
    QCOMPARE(detach.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    QCOMPARE(attach.ends + detach.ends, 2);
    QVERIFY(stage.model.activeJobs().isEmpty());
}

void TestJobs::attachFails_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<Reason>("reason");
    QTest::newRow("no proxy") << FakeDom0::exception("USBProxyNotInstalled", "qubes-usb-proxy not installed in the VM")
                              << Reason::ProxyMissing;
    QTest::newRow("services") << FakeDom0::exception("QubesUSBException", "Device attach failed: x")
                              << Reason::AttachFailed;
    QTest::newRow("silence") << QByteArray() << Reason::NoAnswer;
    QTest::newRow("nonsense") << QByteArray("\xff\xff\xff") << Reason::Garbled;
    QTest::newRow("denied") << FakeDom0::exception("PermissionDenied", "no") << Reason::Refused;
}

void TestJobs::attachFails()
{
    QFETCH(QByteArray, reply);
    QFETCH(Reason, reason);
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, reply);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.reason(), reason);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
    QCOMPARE(stage.row("sys-usb", "2-1")->failure->reason, reason);
}

void TestJobs::failureIsForgotten()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    const auto fail = [&] {
        stage.dom0.scriptReply(attachCall, {});
        JobWatch job(stage.model.attach(stick, Stage::qube("work")));
        EVENTUALLY(job.isOver());
        QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
    };
    fail();
    stage.model.dismissFailure(stick);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    fail();
    stage.dom0.setAttached("sys-usb", "2-1", "personal"); // somebody else did something about it
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:personal"));
}

/// R4.1 and R4.2 answer OK to an attach of what is not there.
void TestJobs::okThatIsNone()
{
    Stage stage({Release::R42, std::chrono::milliseconds(15000), std::chrono::milliseconds(100)});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, FakeDom0::ok());
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.reason(), Reason::NotAsAnswered);
    QCOMPARE(stage.row("sys-usb", "2-1")->attachedTo, std::nullopt);
}

/// Somebody else attached it just before: what was wanted is so.
void TestJobs::errorThatIsNone()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:work"));
}

void TestJobs::deviceSwappedMeanwhile()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    // Swapped without an event: the server must refuse, as the identity goes with the call.
    stage.dom0.qube("sys-usb").devices["2-1"].id = "dead:beef:EVIL:u030101";
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QVERIFY(stage.dom0.qube("sys-usb").devices["2-1"].attachedTo.isEmpty());
}

void TestJobs::makesNoSense()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("personal").denied = "u08****";
    QVERIFY(stage.run());
    stage.dom0.forgetCalls();
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    const auto reasonOf = [](Job *made) {
        JobWatch job(made);
        return testing::eventually([&] { return job.isOver(); }) && job.ends == 1 ? job.reason() : Reason::Other;
    };
    QCOMPARE(reasonOf(stage.model.attach(stick, QubeName::dom0())), Reason::Invalid);
    QCOMPARE(reasonOf(stage.model.attach(stick, Stage::qube("sys-usb"))), Reason::Invalid);
    QCOMPARE(reasonOf(stage.model.attach(stick, Stage::qube("nosuch"))), Reason::NoSuchQube);
    QCOMPARE(reasonOf(stage.model.attach(stick, Stage::qube("personal"))), Reason::DeniedInterface);
    QCOMPARE(reasonOf(stage.model.attach(Stage::device("sys-usb", "9-9"), Stage::qube("work"))), Reason::NoSuchDevice);
    QCOMPARE(reasonOf(stage.model.detach(stick)), Reason::NotAttached);
    QCOMPARE(reasonOf(stage.model.move(stick, Stage::qube("work"))), Reason::NotAttached);
    QCOMPARE(stage.dom0.calls().size(), 0);
}

/// The server takes as long as it likes with one device: others attach, lists are read, nothing waits.
void TestJobs::slowAttachHoldsUpNobody()
{
    Stage stage;
    stage.dom0.addUsual();
    for (int i = 0; i < 20; ++i)
        stage.dom0.qube("sys-usb").devices.insert("7-" + QByteArray::number(i + 1), FakeDom0::Device{});
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    std::vector<std::unique_ptr<JobWatch>> slow;
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

void TestJobs::oneJobPerDevice()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    JobWatch first(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    JobWatch second(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(second.isOver());
    QCOMPARE(second.reason(), Reason::Busy);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attaching"));
    stage.dom0.release(attachCall);
    EVENTUALLY(first.isOver());
    QCOMPARE(first.end, Job::End::Done);
}

void TestJobs::deadline()
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

void TestJobs::cancelWaiting()
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
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    QCOMPARE(job.ends, 1);
}

void TestJobs::cancelBeforeItBegins()
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

void TestJobs::serverRestartInTheMiddle_data()
{
    QTest::addColumn<bool>("itHappened");
    QTest::newRow("and it had been done") << true;
    QTest::newRow("and it had not been done") << false;
}

void TestJobs::serverRestartInTheMiddle()
{
    QFETCH(bool, itHappened);
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    stage.qubesd.stop();
    EVENTUALLY(job.isOver());
    QCOMPARE(job.ends, 1);
    QCOMPARE(job.end, Job::End::Failed);
    if (itHappened)
        stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.qubesd.start());
    EVENTUALLY(stage.model.isReady());
    QCOMPARE(stage.row("sys-usb", "2-1")->attachedTo, itHappened ? std::optional(Stage::qube("work")) : std::nullopt);
    QCOMPARE(stage.row("sys-usb", "2-1")->state, itHappened ? DeviceState::Attached : DeviceState::Failed);
    QCOMPARE(job.ends, 1);
}

void TestJobs::unpluggedInTheMiddle()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    stage.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(!stage.row("sys-usb", "2-1"));
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QVERIFY(!stage.row("sys-usb", "2-1"));
    QVERIFY(stage.model.activeJobs().isEmpty());
}

void TestJobs::backendDiesInTheMiddle()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    stage.dom0.remove("sys-usb");
    EVENTUALLY(stage.model.devices().isEmpty());
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.ends, 1);
}

void TestJobs::samePortOfAnotherBackend_data()
{
    QTest::addColumn<Release>("release");
    QTest::addColumn<bool>("refused");
    QTest::newRow("4.1 compares the backend") << Release::R41 << false;
    QTest::newRow("4.3 does not") << Release::R43 << true;
    QTest::newRow("main does not") << Release::Main << true;
}

void TestJobs::samePortOfAnotherBackend()
{
    QFETCH(Release, release);
    QFETCH(bool, refused);
    Stage stage({release});
    stage.dom0.addUsual();
    FakeDom0::Qube net;
    net.devices.insert("2-1", FakeDom0::Device{"1d6b:0104:X:u020600", "", "Phone", "", "work"});
    stage.dom0.add("sys-net", net);
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    JobWatch job(stage.model.detach(Stage::device("sys-usb", "2-1")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, refused ? Job::End::Failed : Job::End::Done);
    QCOMPARE(stage.dom0.qube("sys-net").devices["2-1"].attachedTo, QByteArray("work")); // whatever else happens
    if (refused) {
        QCOMPARE(job.reason(), Reason::SamePortElsewhere);
        QCOMPARE(stage.dom0.count(detachCall), 0);
    }
}

/// The backend lets go up to a second after the server said OK; until then nothing else could have the device.
void TestJobs::detachLetsGoLate()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    stage.dom0.setSlowRelease(4);
    JobWatch job(stage.model.detach(Stage::device("sys-usb", "2-1")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
}

void TestJobs::move()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    if (release != Release::R41)
        stage.dom0.setSlowRelease(3);
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    QCOMPARE(stage.row("sys-usb", "2-1")->state, DeviceState::Moving);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(job.undo, Job::Undo::NotNeeded);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:personal"));
    QCOMPARE(job.steps, (QList<Job::Step>{Job::Step::Detaching, Job::Step::Attaching}));
}

void TestJobs::moveGivesBack()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("USBProxyNotInstalled", "not installed"));
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.reason(), Reason::ProxyMissing);
    QCOMPARE(job.undo, Job::Undo::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed:work"));
}

void TestJobs::moveCannotGiveBack()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("USBProxyNotInstalled", "not installed"));
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "Device attach failed: x"));
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::ProxyMissing);
    QCOMPARE(job.undo, Job::Undo::Failed);
    QCOMPARE(job.undoFailure->reason, Reason::AttachFailed);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
}

void TestJobs::moveCancelledGivesBack()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    stage.dom0.hold(detachCall);
    Job *const made = stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal"));
    JobWatch job(made);
    EVENTUALLY(stage.dom0.heldCalls(detachCall) == 1);
    made->cancelWaiting();
    stage.dom0.release(detachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Cancelled);
    QCOMPARE(job.undo, Job::Undo::Done);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    QCOMPARE(job.ends, 1);
}

void TestJobs::startAndAttach()
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

void TestJobs::newDisposable()
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

void TestJobs::newDisposableIsKilledAgain()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.add("dvm", {"AppVM", "Halted", "red", true, false, false, {}, {}, {}});
    QVERIFY(stage.run());
    stage.dom0.scriptReply(attachCall, FakeDom0::exception("QubesUSBException", "Device attach failed: x"));
    JobWatch job(stage.model.attachToDisposable(Stage::device("sys-usb", "2-1"), Stage::qube("dvm")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::AttachFailed);
    QCOMPARE(job.undo, Job::Undo::Done);
    QCOMPARE(stage.dom0.count("admin.vm.Kill"), 1);
    EVENTUALLY(!stage.model.qube(Stage::qube("disp1")));
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
}

void TestJobs::newDisposableCancelled()
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

void TestJobs::detachAndShutDown()
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

void TestJobs::rules()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    const QubeName work = Stage::qube("work");
    const auto ended = [](Job *made) {
        JobWatch job(made);
        return testing::eventually([&] { return job.isOver(); }) ? job.end : Job::End::TimedOut;
    };
    for (const AssignScope scope : {AssignScope::Port, AssignScope::Device, AssignScope::PortAndDevice}) {
        QCOMPARE(ended(stage.model.assign(stick, work, scope, AssignMode::Automatic)), Job::End::Done);
        QCOMPARE(stage.model.device(stick)->assignments.size(), 1);
        const Assignment rule = stage.model.device(stick)->assignments.front();
        QCOMPARE(rule.mode, AssignMode::Automatic);
        QCOMPARE(rule.port.has_value(), scope != AssignScope::Device);
        QCOMPARE(rule.device.has_value(), scope != AssignScope::Port);
        QCOMPARE(ended(stage.model.setAssignMode(stick, rule, AssignMode::Ask)), Job::End::Done);
        QCOMPARE(stage.model.device(stick)->assignments.front().mode, AssignMode::Ask);
        QCOMPARE(ended(stage.model.unassign(stick, rule)), Job::End::Done);
        QVERIFY(stage.model.device(stick)->assignments.isEmpty());
    }
    QCOMPARE(ended(stage.model.assign(stick, work, AssignScope::Port, AssignMode::Required)), Job::End::Failed);
    QCOMPARE(stage.row("sys-usb", "2-1")->state, DeviceState::Free); // a rule is not what the device does
}

void TestJobs::legacyRules()
{
    Stage stage({Release::R42});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    JobWatch job(stage.model.assign(Stage::device("sys-usb", "2-1"), Stage::qube("work"), AssignScope::Port,
                                    AssignMode::Automatic));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::NotSupported);
    stage.dom0.scriptReply("admin.vm.device.usb.Set.persistent", FakeDom0::ok());
    JobWatch persistent(stage.model.assign(Stage::device("sys-usb", "2-1"), Stage::qube("work"), AssignScope::Port,
                                           AssignMode::Persistent));
    EVENTUALLY(persistent.isOver());
    QCOMPARE(persistent.end, Job::End::Done);
    const auto &calls = stage.dom0.calls();
    const auto set = std::find_if(calls.begin(), calls.end(), [](const FakeDom0::Call &call) {
        return call.method == "admin.vm.device.usb.Set.persistent";
    });
    QVERIFY(set != calls.end());
    QCOMPARE(set->argument, QByteArray("sys-usb+2-1"));
    QCOMPARE(set->payload, QByteArray("True"));
}

void TestJobs::hostileSerialsAttach()
{
    Stage stage;
    stage.dom0.addUsual();
    int port = 0;
    for (const char *const serial : {"a b", "QUJD=", "it's", "back\\", "a+b/c", "x_______y", "%s<b>"})
        stage.dom0.qube("sys-usb").devices.insert(
            "7-" + QByteArray::number(++port),
            FakeDom0::Device{QByteArray("0951:1666:") + serial + ":u080650", "", "", "", {}});
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices().size(), 2 + port);
    for (int i = 1; i <= port; ++i) {
        const QByteArray at = "7-" + QByteArray::number(i);
        JobWatch job(stage.model.attach(Stage::device("sys-usb", at), Stage::qube("work")));
        EVENTUALLY(job.isOver());
        QVERIFY2(job.end == Job::End::Done, at.constData());
    }
}

QTEST_GUILESS_MAIN(TestJobs)
#include "tst_jobs.moc"
