// SPDX-License-Identifier: GPL-2.0-or-later
// 200 qubes and 300 devices.
#include "stage.h"

#include <QElapsedTimer>
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
    constexpr int qubes = 200;
    constexpr int backends = 3;
    constexpr int devicesEach = 100;
    for (int i = 0; i < qubes; ++i)
        stage.dom0.add("qube" + QByteArray::number(i), {i % 10 == 9 ? "TemplateVM" : "AppVM",
                                                        i % 3 ? "Running" : "Halted",
                                                        "blue",
                                                        i % 50 == 1,
                                                        false,
                                                        false,
                                                        {},
                                                        {},
                                                        {}});
    for (int b = 0; b < backends; ++b) {
        FakeDom0::Qube backend;
        for (int d = 0; d < devicesEach; ++d)
            backend.devices.insert("1-" + QByteArray::number(d + 1),
                                   {"0951:1666:S" + QByteArray::number(d) + ":u080650", "Kingston Technology", "Stick",
                                    "Kingston", d % 4 ? QByteArray() : QByteArray("qube1")});
        stage.dom0.add("sys-usb" + QByteArray::number(b), backend);
    }
    QElapsedTimer clock;
    clock.start();
    QVERIFY(stage.run());
    const qint64 ready = clock.elapsed();
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

    clock.restart();
    for (const DeviceKey &key : stage.model.devices())
        QVERIFY(!stage.model.targets(key).isEmpty());
    qInfo("ready after %lld ms; targets of %d devices in %lld ms; attach: %lld calls", static_cast<long long>(ready),
          backends * devicesEach, static_cast<long long>(clock.elapsed()), static_cast<long long>(callsOfAttach));
}

QTEST_GUILESS_MAIN(TestScale)
#include "tst_scale.moc"
