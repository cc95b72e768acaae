// SPDX-License-Identifier: GPL-2.0-or-later
// Attaching and detaching: an operation ends exactly once, with what is true, and a reason if it failed.
#include "stage.h"

#include <QTest>

#include <array>
#include <functional>

using namespace model;
using testing::FakeDom0;
using testing::JobWatch;
using testing::Stage;
using Release = FakeDom0::Release;

Q_DECLARE_METATYPE(Release)

namespace {

/// What comes in the place of the stick.
const FakeDom0::Device swapped{"dead:beef:EVIL:u030101", "Evil", "Keyboard", "Evil", {}};
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
    void anotherDeviceThanWasSeen();
    void swappedUnseen_data() { releases(); }
    void swappedUnseen();
    void swappedDuringTheCall_data() { releases(); }
    void swappedDuringTheCall();
    void swappedBetweenDetachAndAttach();
    void makesNoSense();
    void oneJobPerDevice();
    void samePortOfAnotherBackend_data();
    void samePortOfAnotherBackend();
    void detachLetsGoLate();
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

/// What somebody saw and what is there now are two devices: nothing is done, not even asked for.
void TestJobs::anotherDeviceThanWasSeen()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const DeviceKey port = Stage::device("sys-usb", "2-1");
    const DeviceChoice seen(port, stage.row("sys-usb", "2-1")->usb.identity());
    stage.dom0.plug("sys-usb", "2-1", swapped);
    EVENTUALLY(stage.row("sys-usb", "2-1")->usb.vendorId == 0xdead);
    stage.dom0.forgetCalls();
    const QubeName work = Stage::qube("work");
    const std::array<std::function<Job *()>, 7> requests{
        [&] { return stage.model.attach(seen, work); },
        [&] { return stage.model.move(seen, work); },
        [&] { return stage.model.startAndAttach(seen, work); },
        [&] { return stage.model.attachToDisposable(seen, work); },
        [&] { return stage.model.detach(seen); },
        [&] { return stage.model.detachAndShutdown(seen); },
        [&] { return stage.model.assign(seen, work, AssignScope::Port, AssignMode::Automatic); },
    };
    for (const auto &request : requests) {
        Job *const made = request();
        QCOMPARE(made->subject().toString(), QStringLiteral("DataTraveler (Kingston Technology)"));
        JobWatch job(made);
        EVENTUALLY(job.isOver());
        QCOMPARE(job.reason(), Reason::AnotherDevice);
        QCOMPARE(job.failure->said.toString(), QStringLiteral("Keyboard (Evil)"));
    }
    for (const char *method : {"admin.vm.device.usb.Attach", "admin.vm.device.usb.Detach", "admin.vm.device.usb.Assign",
                               "admin.vm.Start", "admin.vm.CreateDisposable", "admin.vm.Shutdown"})
        QCOMPARE(stage.dom0.count(method), 0);
    // Who looked again means the other one.
    JobWatch job(stage.model.attach({port, stage.row("sys-usb", "2-1")->usb.identity()}, work));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
}

/// Swapped without an event: the server compares, or we look before we ask it.
void TestJobs::swappedUnseen()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.qube("sys-usb").devices["2-1"] = swapped;
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Failed);
    QCOMPARE(job.reason(), Reason::AnotherDevice);
    QVERIFY(stage.dom0.qube("sys-usb").devices["2-1"].attachedTo.isEmpty());
    // The other one has done nothing wrong.
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    const bool legacy = release == Release::R41 || release == Release::R42;
    QCOMPARE(stage.dom0.count(attachCall), legacy ? 0 : 1);
}

/// After the last look, which only the servers can tell that compare: what the others attached is detached again.
void TestJobs::swappedDuringTheCall()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.hold(attachCall);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(stage.dom0.heldCalls(attachCall) == 1);
    stage.dom0.qube("sys-usb").devices["2-1"] = swapped;
    stage.dom0.release(attachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::AnotherDevice);
    QVERIFY(stage.dom0.qube("sys-usb").devices["2-1"].attachedTo.isEmpty());
}

/// What is not the device any more is not given back either.
void TestJobs::swappedBetweenDetachAndAttach()
{
    Stage stage({Release::R42});
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    stage.dom0.hold(detachCall);
    JobWatch job(stage.model.move(Stage::device("sys-usb", "2-1"), Stage::qube("personal")));
    EVENTUALLY(stage.dom0.heldCalls(detachCall) == 1);
    stage.dom0.qube("sys-usb").devices["2-1"] = swapped;
    stage.dom0.release(detachCall);
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::AnotherDevice);
    QVERIFY(job.givenBack.hasFailed());
    QCOMPARE(stage.dom0.count(attachCall), 0);
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
