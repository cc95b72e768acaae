// SPDX-License-Identifier: GPL-2.0-or-later
// What servers do that one would not expect of them, and the list is true all the same. Each was seen with a real one.
#include "stage.h"

#include <QSignalSpy>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::JobWatch;
using testing::Stage;
using Release = FakeDom0::Release;

namespace {

const QByteArray listCall = "admin.vm.List";

} // namespace

class TestSurprises : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void subscribesBeforeItLists();
    void anEventMayBeOfAnUnknownQube();
    void aFailedAttachIsFollowedByADetach();
    void aBackendMayHaveNoAnswerAtAll();
    void aHaltedQubeRemembersAttachments();
    void aDeviceIsPulledAndPluggedInAgain_data() { legacyReleases(); }
    void aDeviceIsPulledAndPluggedInAgain();
    void aRuleIsMadeByOthers_data() { legacyReleases(); }
    void aRuleIsMadeByOthers();
    void persistentAttachmentsCannotBeDetached();
    void assigningDoesNotAttach();

private:
    static void legacyReleases();
};

/// Events are not repeated, so whoever lists first misses what happens in between.
void TestSurprises::subscribesBeforeItLists()
{
    Stage stage;
    stage.dom0.addUsual();
    stage.dom0.hold(listCall);
    QVERIFY(stage.qubesd.start());
    stage.model.start();
    EVENTUALLY(stage.dom0.heldCalls(listCall) == 1);
    QCOMPARE(stage.dom0.eventStreams, 1);
    stage.dom0.release(listCall);
    EVENTUALLY(stage.model.isReady());
}

/// In a GUI domain policy decides which events come: a qube may be heard of that was never added.
void TestSurprises::anEventMayBeOfAnUnknownQube()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    FakeDom0::Qube &late = stage.dom0.qube("sys-net"); // nobody tells of it
    late.devices.insert("5-1", FakeDom0::Device{});
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("sys-net", "device-list-change:usb"));
    EVENTUALLY(stage.row("sys-net", "5-1"));
}

/// A failed attach leaves a false entry in the server, which it takes back with an event at the next change.
void TestSurprises::aFailedAttachIsFollowedByADetach()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    stage.dom0.scriptReply("admin.vm.device.usb.Attach", FakeDom0::exception("QubesUSBException", "x"));
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QSignalSpy detached(&stage.model, &DeviceModel::deviceDetached);
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("work", "device-detach:usb", {{"port", "sys-usb:2-1"}}));
    stage.dom0.plug("sys-usb", "3-1", {});
    EVENTUALLY(stage.row("sys-usb", "3-1"));
    QCOMPARE(detached.size(), 0);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("failed"));
}

/// One bad value of one device, and the server has no answer for its whole backend: not a byte.
void TestSurprises::aBackendMayHaveNoAnswerAtAll()
{
    Stage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube other;
    other.devices.insert("5-1", FakeDom0::Device{});
    stage.dom0.add("sys-net", other);
    QVERIFY(stage.run());
    for (int i = 0; i < 2; ++i)
        stage.dom0.scriptReply("admin.vm.device.usb.Available", QByteArray());
    Q_EMIT stage.dom0.eventHappened(FakeDom0::event("sys-net", "device-list-change:usb"));
    EVENTUALLY(stage.model.backendStatus(Stage::qube("sys-net")).kind == BackendStatus::Kind::Unreadable);
    QVERIFY(stage.row("sys-net", "5-1")); // as it was seen last
    QCOMPARE(stage.model.backendStatus(Stage::qube("sys-usb")).kind, BackendStatus::Kind::Listed);
    JobWatch job(stage.model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
}

/// R4.1 lists what is only remembered like what is attached; its backends do not tell which it is.
void TestSurprises::aHaltedQubeRemembersAttachments()
{
    Stage stage({Release::R41});
    stage.dom0.addUsual();
    stage.dom0.qube("vault").rules.insert("sys-usb+2-1", "persistent");
    stage.dom0.qube("work").rules.insert("sys-usb+9-9", "persistent");
    QVERIFY(stage.run());
    stage.model.lookIfOld(); // rules of halted qubes too
    EVENTUALLY(stage.row("sys-usb", "2-1")->assignments.size() == 1);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    QVERIFY(!stage.row("sys-usb", "9-9"));
    stage.dom0.setState("vault", "Running"); // which attaches it
    stage.dom0.setAttached("sys-usb", "2-1", "vault");
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:vault"));
}

void TestSurprises::legacyReleases()
{
    QTest::addColumn<Release>("release");
    QTest::newRow("4.1") << Release::R41;
    QTest::newRow("4.2") << Release::R42;
}

/// R4.1 has no event that says that the frontend does not have it any more.
void TestSurprises::aDeviceIsPulledAndPluggedInAgain()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    const FakeDom0::Device stick = stage.dom0.qube("sys-usb").devices.value("2-1");
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("attached:work"));
    stage.dom0.unplug("sys-usb", "2-1");
    stage.dom0.plug("sys-usb", "2-1", stick);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
}

/// No event tells of it; who looks sees it.
void TestSurprises::aRuleIsMadeByOthers()
{
    QFETCH(Release, release);
    Stage stage({release});
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    stage.model.lookIfOld();
    EVENTUALLY(stage.model.isReady());
    stage.dom0.qube("work").rules.insert("sys-usb+2-1", "persistent");
    const auto looked = [&] {
        stage.model.lookIfOld();
        return stage.row("sys-usb", "2-1")->assignments.size() == 1;
    };
    EVENTUALLY(looked());
    stage.dom0.qube("work").rules.clear();
    EVENTUALLY(!looked());
}

void TestSurprises::persistentAttachmentsCannotBeDetached()
{
    Stage stage({Release::R42});
    stage.dom0.addUsual();
    stage.dom0.qube("work").rules.insert("sys-usb+2-1", "persistent");
    stage.dom0.qube("sys-usb").devices["2-1"].attachedTo = "work";
    QVERIFY(stage.run());
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    JobWatch job(stage.model.detach(stick));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::RequiredAssignment); // which says what to do first
    QCOMPARE(stage.row("sys-usb", "2-1")->attachedTo, Stage::qube("work"));
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.size(), 1);
    JobWatch rule(stage.model.unassign(stick, stage.row("sys-usb", "2-1")->assignments.front()));
    EVENTUALLY(rule.isOver());
    QCOMPARE(rule.end, Job::End::Done);
    JobWatch again(stage.model.detach(stick));
    EVENTUALLY(again.isOver());
    QCOMPARE(again.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
}

/// A rule is for the next time: the server does nothing now, and the list does not claim it.
void TestSurprises::assigningDoesNotAttach()
{
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    JobWatch job(stage.model.assign(Stage::device("sys-usb", "2-1"), Stage::qube("work"), AssignScope::PortAndDevice,
                                    AssignMode::Automatic));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(stage.state("sys-usb", "2-1"), QStringLiteral("free"));
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.size(), 1);
}

QTEST_GUILESS_MAIN(TestSurprises)
#include "tst_surprises.moc"
