// SPDX-License-Identifier: GPL-2.0-or-later
// Both ways to the Admin API, at the fake qubesd; deadlines, bounds and broken connections.
#include "stage.h"

#include "qubes/callqueue.h"
#include "qubes/eventstream.h"
#include "qubes/qrexectransport.h"
#include "qubes/qubesdtransport.h"

#include <QSignalSpy>
#include <QTest>

using namespace model;
using namespace qubes;
using std::chrono::milliseconds;
using testing::FakeDom0;
using testing::FakeQubesd;
using testing::Stage;

class TestTransport : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void call_data() { both(); }
    void call();
    void refused();
    void unreachable_data() { both(); }
    void unreachable();
    void programMissing();
    void otherExitCodes_data();
    void otherExitCodes();
    void deadline_data() { both(); }
    void deadline();
    void tooLongReply_data() { both(); }
    void tooLongReply();
    void requestThatCannotBeSaid_data() { both(); }
    void requestThatCannotBeSaid();
    void brokenOff_data() { both(); }
    void brokenOff();
    void boundedAtATime_data() { both(); }
    void boundedAtATime();
    void slowLaneDoesNotHoldUpQuickLane();
    void queueGoneWithCallsUnderWay_data() { both(); }
    void queueGoneWithCallsUnderWay();
    void events_data() { both(); }
    void events();
    void eventsRefused();
    void eventStreamOfNonsense();
    void guiDomain();

private:
    static void both();
    std::unique_ptr<Transport> transport(const FakeQubesd &server, const QStringList &options = {}) const;
};

void TestTransport::both()
{
    QTest::addColumn<bool>("qrexec");
    QTest::newRow("qubesd") << false;
    QTest::newRow("qrexec") << true;
}

std::unique_ptr<Transport> TestTransport::transport(const FakeQubesd &server, const QStringList &options) const
{
    const auto *const qrexec =
        static_cast<const bool *>(QTest::currentDataTag() ? QTest::qData("qrexec", QMetaType::Bool) : nullptr);
    if (!(qrexec && *qrexec) && options.isEmpty())
        return std::make_unique<QubesdTransport>(server.socketPath());
    return std::make_unique<QrexecTransport>(QStringLiteral(FAKE_QREXEC_CLIENT),
                                             QStringList{server.socketPath()} + options);
}

namespace {

/// What came of one call.
struct Heard
{
    std::optional<QByteArray> content;
    int times = 0;
    Reason reason = Reason::Other;
    QString said;

    CallQueue::Reply listener()
    {
        return [this](const Result<QByteArray> &reply) {
            ++times;
            if (reply)
                content = *reply;
            else
                std::tie(reason, said) = std::pair(reply.error().reason, reply.error().said.toString());
        };
    }
};

constexpr milliseconds plenty{20000};

} // namespace

void TestTransport::call()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    const auto way = transport(server);
    CallQueue calls(way.get(), {});
    Heard heard;
    calls.call(Request{"x.Method", "a+b", Stage::qube("dom0"), QByteArray("pay\0load", 8)}, CallQueue::Lane::Quick,
               plenty, heard.listener());
    QCOMPARE(heard.times, 0);
    dom0.scriptReply("x.Method", FakeDom0::ok(QByteArray("re\0ply\n", 7)));
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.content.value(), QByteArray("re\0ply\n", 7));
    QCOMPARE(dom0.calls().front().argument, QByteArray("a+b"));
    QCOMPARE(dom0.calls().front().payload, QByteArray("pay\0load", 8));
    QCOMPARE(dom0.calls().front().destination, QByteArray("dom0"));
    Heard large;
    const QByteArray content(3000000, 'c');
    dom0.scriptReply("x.Method", FakeDom0::ok(content));
    calls.call(Request{"x.Method", {}, Stage::qube("dom0"), QByteArray(60000, 'p')}, CallQueue::Lane::Quick, plenty,
               large.listener());
    EVENTUALLY(large.times > 0);
    QVERIFY(large.content == content);
    QCOMPARE(dom0.calls().back().payload.size(), 60000);
}

void TestTransport::refused()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    const auto way = transport(server, {QStringLiteral("--refuse"), QStringLiteral("work")});
    CallQueue calls(way.get(), {});
    Heard heard;
    calls.call(Request{"x.Method", {}, Stage::qube("work")}, CallQueue::Lane::Quick, plenty, heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::Refused);
    QCOMPARE(heard.said, QString()); // "Request refused" is the reason in other words
    QVERIFY(dom0.calls().isEmpty());
}

void TestTransport::unreachable()
{
    FakeDom0 dom0;
    const FakeQubesd server(&dom0);
    const auto way = transport(server);
    CallQueue calls(way.get(), {});
    Heard heard;
    calls.call(Request{"x.Method"}, CallQueue::Lane::Quick, plenty, heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::Unreachable);
}

void TestTransport::programMissing()
{
    QrexecTransport way(QStringLiteral("/nonexistent/qrexec-client-vm"));
    CallQueue calls(&way, {});
    Heard heard;
    calls.call(Request{"x.Method"}, CallQueue::Lane::Quick, plenty, heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::Unreachable);
}

void TestTransport::otherExitCodes_data()
{
    QTest::addColumn<int>("code");
    QTest::newRow("the agent cannot be reached") << 1;
    QTest::newRow("trouble within qrexec") << 125;
    QTest::newRow("no such service") << 127;
}

/// The call did not get to qubesd; what qrexec says about that is kept.
void TestTransport::otherExitCodes()
{
    QFETCH(int, code);
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    QrexecTransport way(QStringLiteral(FAKE_QREXEC_CLIENT),
                        {server.socketPath(), QStringLiteral("--exit"), QString::number(code)});
    CallQueue calls(&way, {});
    Heard heard;
    calls.call(Request{"x.Method", {}, Stage::qube("work")}, CallQueue::Lane::Quick, plenty, heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::Unreachable);
    QCOMPARE(heard.said, QStringLiteral("Something broke"));
    QVERIFY(dom0.calls().isEmpty());
}

void TestTransport::deadline()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    dom0.hold("x.Method");
    const auto way = transport(server);
    CallQueue calls(way.get(), {});
    Heard heard;
    calls.call(Request{"x.Method"}, CallQueue::Lane::Quick, milliseconds(100), heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::TimedOut);
    QCOMPARE(calls.running(), 0);
    // What comes too late is nobody's.
    dom0.release("x.Method");
    Heard next;
    dom0.scriptReply("y.Method", FakeDom0::ok("y"));
    calls.call(Request{"y.Method"}, CallQueue::Lane::Quick, plenty, next.listener());
    EVENTUALLY(next.times > 0);
    QCOMPARE(heard.times, 1);
}

void TestTransport::tooLongReply()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    dom0.scriptReply("x.Method", FakeDom0::ok(QByteArray(100000, 'x')));
    const auto way = transport(server);
    CallQueue calls(way.get(), {16, 16, 50000});
    Heard heard;
    calls.call(Request{"x.Method"}, CallQueue::Lane::Quick, plenty, heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::Garbled);
}

void TestTransport::requestThatCannotBeSaid()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    const auto way = transport(server);
    CallQueue calls(way.get(), {});
    Heard heard;
    calls.call(Request{"x.Method", "a b"}, CallQueue::Lane::Quick, plenty, heard.listener());
    EVENTUALLY(heard.times > 0);
    QCOMPARE(heard.reason, Reason::Invalid);
    QVERIFY(dom0.calls().isEmpty());
}

void TestTransport::brokenOff()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    dom0.hold("x.Method");
    const auto way = transport(server);
    CallQueue calls(way.get(), {});
    Heard heard;
    calls.call(Request{"x.Method"}, CallQueue::Lane::Slow, plenty, heard.listener());
    EVENTUALLY(dom0.heldCalls("x.Method") == 1);
    server.stop();
    EVENTUALLY(heard.times > 0);
    QVERIFY(heard.reason == Reason::NoAnswer || heard.reason == Reason::Unreachable);
    QCOMPARE(heard.times, 1);
}

void TestTransport::boundedAtATime()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    dom0.hold("x.Method");
    const auto way = transport(server);
    CallQueue calls(way.get(), {3, 3, 50000});
    Heard heard[10];
    for (Heard &one : heard)
        calls.call(Request{"x.Method"}, CallQueue::Lane::Quick, plenty, one.listener());
    EVENTUALLY(dom0.heldCalls("x.Method") == 3);
    QCOMPARE(calls.running(), 3);
    dom0.release("x.Method");
    for (const Heard &one : heard)
        EVENTUALLY(one.times == 1);
    QCOMPARE(dom0.count("x.Method"), 10);
}

void TestTransport::slowLaneDoesNotHoldUpQuickLane()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    dom0.hold("slow.Method");
    dom0.scriptReply("quick.Method", FakeDom0::ok("quick"));
    const auto way = transport(server);
    CallQueue calls(way.get(), {1, 2, 50000});
    Heard slow[5];
    Heard quick;
    for (Heard &one : slow)
        calls.call(Request{"slow.Method"}, CallQueue::Lane::Slow, plenty, one.listener());
    calls.call(Request{"quick.Method"}, CallQueue::Lane::Quick, plenty, quick.listener());
    EVENTUALLY(quick.times == 1);
    QCOMPARE(quick.content.value(), QByteArray("quick"));
    QCOMPARE(slow[0].times, 0);
}

void TestTransport::queueGoneWithCallsUnderWay()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    dom0.hold("x.Method");
    const auto way = transport(server);
    Heard heard;
    {
        CallQueue calls(way.get(), {});
        calls.call(Request{"x.Method"}, CallQueue::Lane::Quick, plenty, heard.listener());
        EVENTUALLY(dom0.heldCalls("x.Method") == 1);
    }
    dom0.release("x.Method");
    QCoreApplication::processEvents();
    QCOMPARE(heard.times, 0);
}

void TestTransport::events()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    const auto way = transport(server);
    EventStream stream(way.get(), {milliseconds(20), milliseconds(100), milliseconds(10000)});
    QList<Event> heard;
    connect(&stream, &EventStream::happened, this, [&](const Event &event) { heard.append(event); });
    stream.start();
    EVENTUALLY(stream.state() == EventStream::State::Established);
    Q_EMIT dom0.eventHappened(FakeDom0::event("work", "domain-start"));
    EVENTUALLY(heard.size() == 1);
    QCOMPARE(heard.front().untrustedSubject, QByteArray("work"));
    server.stop();
    EVENTUALLY(stream.state() == EventStream::State::Broken);
    QVERIFY(server.start());
    EVENTUALLY(stream.state() == EventStream::State::Established);
    Q_EMIT dom0.eventHappened(FakeDom0::event("vault", "domain-start"));
    EVENTUALLY(heard.size() == 2);
}

void TestTransport::eventsRefused()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    const auto way = transport(server, {QStringLiteral("--refuse"), QStringLiteral("admin.Events")});
    EventStream stream(way.get(), {milliseconds(20), milliseconds(100), milliseconds(10000)});
    stream.start();
    EVENTUALLY(stream.state() == EventStream::State::Refused);
}

void TestTransport::eventStreamOfNonsense()
{
    FakeDom0 dom0;
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    const auto way = transport(server);
    EventStream stream(way.get(), {milliseconds(20), milliseconds(100), milliseconds(10000)});
    QSignalSpy states(&stream, &EventStream::stateChanged);
    stream.start();
    EVENTUALLY(stream.state() == EventStream::State::Established);
    Q_EMIT dom0.eventHappened("HTTP/1.1 200 OK\r\n");
    // Dropped, and connected anew.
    EVENTUALLY(states.size() >= 3 && stream.state() == EventStream::State::Established);
}

/// The applet in a GUI domain: some qubes are not ours to see. Their rows say so, all others work.
void TestTransport::guiDomain()
{
    FakeDom0 dom0;
    dom0.addUsual();
    dom0.add("sys-net", {});
    FakeQubesd server(&dom0);
    QVERIFY(server.start());
    AdminClient::Settings settings;
    settings.quickDeadline = milliseconds(120000); // each call is a process here
    settings.events.firstDelay = milliseconds(20);
    AdminClient client(transport(server, {QStringLiteral("--refuse"), QStringLiteral("sys-net")}), settings);
    const HardwareNames names;
    DeviceModel::Timing timing;
    timing.refresh.quiet = milliseconds(10);
    timing.settlePoll = milliseconds(20);
    DeviceModel model(&client, &names, timing);
    model.start();
    EVENTUALLY(model.isReady());
    QCOMPARE(model.backends(), (QList<QubeName>{Stage::qube("sys-net"), Stage::qube("sys-usb")}));
    QCOMPARE(model.backendStatus(Stage::qube("sys-net")).problem->reason, Reason::Refused);
    QCOMPARE(model.qube(Stage::qube("sys-net"))->problem->reason, Reason::Refused);
    testing::JobWatch job(model.attach(Stage::device("sys-usb", "2-1"), Stage::qube("work")));
    EVENTUALLY(job.isOver());
    QCOMPARE(job.end, Job::End::Done);
    QCOMPARE(model.device(Stage::device("sys-usb", "2-1"))->attachedTo, Stage::qube("work"));
    testing::JobWatch other(model.attach(Stage::device("sys-usb", "1-1.4"), Stage::qube("sys-net")));
    EVENTUALLY(other.isOver());
    QCOMPARE(other.reason(), Reason::Refused);
}

QTEST_GUILESS_MAIN(TestTransport)
#include "tst_transport.moc"
