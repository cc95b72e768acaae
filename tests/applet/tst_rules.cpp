// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for attaching automatically, of either generation of the Admin API.
#include "stage.h"

#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::JobWatch;
using testing::Stage;
using Release = FakeDom0::Release;

class TestRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void rules();
    void legacyRules();
};

void TestRules::rules()
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

void TestRules::legacyRules()
{
    Stage stage({Release::R42});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    JobWatch job(stage.model.assign(Stage::device("sys-usb", "2-1"), Stage::qube("work"), AssignScope::Port,
                                    AssignMode::Automatic));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.reason(), Reason::NotSupported);
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    JobWatch persistent(stage.model.assign(Stage::device("sys-usb", "2-1"), Stage::qube("work"), AssignScope::Port,
                                           AssignMode::Persistent));
    EVENTUALLY(persistent.isOver());
    QCOMPARE(persistent.end, Job::End::Done);
    EVENTUALLY(stage.row("sys-usb", "2-1")->assignments.size() == 1);
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.front().mode, AssignMode::Persistent);
    const auto &calls = stage.dom0.calls();
    const auto set = std::find_if(calls.begin(), calls.end(), [](const FakeDom0::Call &call) {
        return call.method == "admin.vm.device.usb.Set.persistent";
    });
    QVERIFY(set != calls.end());
    QCOMPARE(set->argument, QByteArray("sys-usb+2-1"));
    QCOMPARE(set->payload, QByteArray("True"));
}

QTEST_GUILESS_MAIN(TestRules)
#include "tst_rules.moc"
