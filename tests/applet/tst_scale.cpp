// SPDX-License-Identifier: GPL-2.0-or-later
// 200 qubes and 300 devices.
#include "stage.h"

#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using Release = FakeDom0::Release;

Q_DECLARE_METATYPE(Release)

class TestScale : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void callsAtStart_data();
    void callsAtStart();
    void inParallel();
};

void TestScale::callsAtStart_data()
{
    QTest::addColumn<Release>("release");
    QTest::newRow("4.1") << Release::R41;
    QTest::newRow("4.2") << Release::R42;
    QTest::newRow("4.3") << Release::R43;
}

void TestScale::callsAtStart()
{
    QFETCH(Release, release);
    Stage stage({release});
    constexpr int backends = 3;
    constexpr int devicesEach = 100;
    stage.dom0.addMany(200, backends, devicesEach);
    QVERIFY(stage.run());
    QCOMPARE(stage.model.devices().size(), backends * devicesEach);
    QCOMPARE(stage.row("sys-usb1", "1-5")->attachedTo, Stage::qube("qube1"));

    QHash<QByteArray, int> perQube;
    for (const FakeDom0::Call &call : stage.dom0.calls()) {
        if (call.destination != "dom0")
            ++perQube[call.destination];
    }
    for (auto it = perQube.cbegin(); it != perQube.cend(); ++it)
        QVERIFY2(it.value() <= 3, it.key().constData());
    QCOMPARE(stage.dom0.count("admin.vm.List"), 1);

    // A job and a plug-in cost a handful of calls, not one per device or qube.
    stage.dom0.forgetCalls();
    testing::JobWatch job(stage.model.attach(Stage::device("sys-usb0", "1-2"), Stage::qube("qube1")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    const qsizetype callsOfAttach = stage.dom0.calls().size();
    QVERIFY2(callsOfAttach <= 10, qPrintable(QString::number(callsOfAttach)));
}

/// A server that answers nothing yet has as many calls as it is given at a time, and not one after the other.
void TestScale::inParallel()
{
    Stage stage;
    stage.dom0.addMany(40, 2, 5);
    const QList<QByteArray> perQube = {"admin.vm.property.GetAll", "admin.vm.feature.Get",
                                       "admin.vm.device.usb.Available"};
    for (const QByteArray &method : perQube)
        stage.dom0.hold(method);
    QVERIFY(stage.qubesd.start());
    stage.model.start();
    const auto held = [&] {
        int count = 0;
        for (const QByteArray &method : perQube)
            count += stage.dom0.heldCalls(method);
        return count;
    };
    EVENTUALLY(held() == qubes::CallQueue::Limits{}.quickAtATime);
    for (const QByteArray &method : perQube)
        stage.dom0.release(method);
    EVENTUALLY(stage.model.isReady());
    QCOMPARE(stage.model.devices().size(), 10);
}

QTEST_GUILESS_MAIN(TestScale)
#include "tst_scale.moc"
