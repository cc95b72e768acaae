// SPDX-License-Identifier: GPL-2.0-or-later
// Recorded answers and events of the servers of four releases, and the rows that must come of them.
#include "stage.h"

#include "qubes/devicelines.h"
#include "qubes/event.h"
#include "qubes/qubelines.h"
#include "qubes/reply.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;

namespace {

QByteArray fileOf(const QString &release, const QString &name)
{
    QFile file(QStringLiteral(ADMINAPI_FIXTURES "/%1/%2").arg(release, name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("missing fixture");
}

/// The recorded answer of a call, by the begin of its file's name without the number ("available-attached").
QByteArray recorded(const QString &release, const QString &what)
{
    const auto index = QJsonDocument::fromJson(fileOf(release, QStringLiteral("index.json"))).object();
    const QJsonArray calls = index[u"calls"].toArray();
    for (const auto &call : calls) {
        const QString file = call[u"file"].toString();
        if (file.mid(3) == what + QStringLiteral(".reply"))
            return fileOf(release, file);
    }
    return "no such call";
}

/// Answers from the recordings; what was not recorded gets an answer of the same kind.
class RecordedTransport : public qubes::Transport
{
public:
    explicit RecordedTransport(QString release)
        : m_release(std::move(release))
    {
    }
    qubes::Channel *open(const qubes::Request &request, QObject *parent) override;

    bool attached = false;
    bool plugged = false;
    qubes::Channel *events = nullptr;

private:
    QByteArray answer(const qubes::Request &request) const;
    QString m_release;
};

qubes::Channel *RecordedTransport::open(const qubes::Request &request, QObject *parent)
{
    auto *const channel = new qubes::Channel(parent);
    if (request.method == "admin.Events")
        events = channel;
    QMetaObject::invokeMethod(
        channel,
        [this, channel, request] {
            if (request.method == "admin.Events") {
                // Only what is sent at once; the test sends the rest.
                Q_EMIT channel->received(FakeDom0::event({}, "connection-established"));
                return;
            }
            Q_EMIT channel->received(answer(request));
            Q_EMIT channel->ended({});
        },
        Qt::QueuedConnection);
    return channel;
}

QByteArray RecordedTransport::answer(const qubes::Request &request) const
{
    const auto say = [this](const char *what) { return recorded(m_release, QString::fromLatin1(what)); };
    const QString to = request.destination.toString();
    if (request.method == "admin.vm.List")
        return say("vm-list");
    if (request.method == "admin.vm.property.GetAll")
        return say("properties-work");
    if (request.method == "admin.vm.feature.Get")
        return to == QStringLiteral("hidden") ? say("feature-internal") : say("feature-internal-missing");
    if (request.method == "admin.label.Get")
        return say("label-value");
    if (request.method == "admin.vm.device.usb.Available" && to == QStringLiteral("sys-usb"))
        return plugged ? say("available-after-plug") : attached ? say("available-attached") : say("available-sys-usb");
    if ((request.method == "admin.vm.device.usb.List" || request.method == "admin.vm.device.usb.Attached") &&
        to == QStringLiteral("work"))
        return attached ? say("attached-one") : say("attached-none");
    if (request.method == "admin.vm.device.usb.Assigned" && to == QStringLiteral("work"))
        return say("assigned-one");
    if (request.method == "admin.vm.device.usb.Assigned" || request.method == "admin.vm.device.usb.Available" ||
        request.method == "admin.vm.device.usb.List")
        return QByteArray("0\0", 2);
    return {};
}

} // namespace

class TestRecorded : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void replies_data() { releases(); }
    void replies();
    void rows_data() { releases(); }
    void rows();
    void stream_data() { releases(); }
    void stream();

private:
    static void releases();
};

void TestRecorded::releases()
{
    QTest::addColumn<QString>("release");
    for (const char *const release : {"4.1", "4.2", "4.3", "main"})
        QTest::newRow(release) << QString::fromLatin1(release);
}

/// Every recorded answer means what it should.
void TestRecorded::replies()
{
    QFETCH(QString, release);
    const bool modern = release == QStringLiteral("4.3") || release == QStringLiteral("main");
    const auto reason = [&](const char *what) {
        const auto reply = qubes::parseReply(recorded(release, QString::fromLatin1(what)));
        return reply ? "ok" : reasonName(reply.error().reason);
    };
    QCOMPARE(reason("attach-ok"), "ok");
    QCOMPARE(reason("detach-ok"), "ok");
    QCOMPARE(reason("attach-again"), "AlreadyAttached");
    QCOMPARE(reason("attach-elsewhere"), "AlreadyAttached");
    QCOMPARE(reason("attach-halted-frontend"), "QubeNotRunning");
    QCOMPARE(reason("attach-paused-frontend"), "QubePaused");
    QCOMPARE(reason("detach-not-attached"), "NotAttached");
    QCOMPARE(reason("no-such-vm"), "NoSuchQube");
    QCOMPARE(reason("attach-service-failed"), "AttachFailed");
    QCOMPARE(reason("attach-proxy-missing"), "ProxyMissing");
    QCOMPARE(reason("feature-internal-missing"), "FeatureNotSet");
    QCOMPARE(reason("no-such-method"), release == QStringLiteral("main") ? "Other" : "NoAnswer");

    const auto content = [&](const char *what) {
        return *qubes::parseReply(recorded(release, QString::fromLatin1(what)));
    };
    QVERIFY(qubes::parseFeature(content("feature-internal")));
    QCOMPARE(qubes::parseLabelColor(content("label-value")).value(), quint32(0x3465a4));
    QCOMPARE(qubes::parseProperty(content("icon-sys-usb")).value(), QByteArray("servicevm-red"));
    QCOMPARE(qubes::parseProperty(content("label-work")).value(), QByteArray("blue"));
    QCOMPARE(qubes::parseProperties(content("properties-work")).label->toString(), QStringLiteral("blue"));
    QVERIFY(content("available-halted-backend").isEmpty());
    const auto list = qubes::parseQubeList(content("vm-list"));
    QCOMPARE(list.qubes.size(), 13);
    QCOMPARE(list.generation, modern ? Generation::Modern : Generation::Legacy);
}

void TestRecorded::rows()
{
    QFETCH(QString, release);
    const bool modern = release == QStringLiteral("4.3") || release == QStringLiteral("main");
    auto owned = std::make_unique<RecordedTransport>(release);
    RecordedTransport *const server = owned.get();
    qubes::AdminClient client(std::move(owned), {});
    const HardwareNames noNames;
    DeviceModel::Timing timing;
    timing.refresh.quiet = std::chrono::milliseconds(10);
    DeviceModel model(&client, &noNames, timing);
    int plugged = 0;
    connect(&model, &DeviceModel::deviceAdded, this,
            [&](const DeviceKey &, Appearance appearance) { plugged += appearance == Appearance::PluggedIn; });
    model.start();
    EVENTUALLY(model.isReady());

    QCOMPARE(model.backends(), QList<QubeName>{Stage::qube("sys-usb")});
    QCOMPARE(model.devices().size(), 3);
    QCOMPARE(plugged, 0); // they were there already
    const DeviceKey stick = Stage::device("sys-usb", "2-1");
    const Device *row = model.device(stick);
    QVERIFY(row);
    QCOMPARE(row->state, DeviceState::Free);
    QVERIFY(model.name(row->usb).toString().contains(QStringLiteral("Kingston")));
    if (modern) {
        QCOMPARE(model.description(row->usb),
                 QStringLiteral("USB Storage: Kingston Technology DataTraveler 100 G3/G4/SE9 G2/50 Kyson"));
        QCOMPARE(row->usb.vidPid(), QStringLiteral("0951:1666"));
        QCOMPARE(model.device(Stage::device("sys-usb", "1-6"))->usb.category(), Category::Camera);
        QVERIFY(model.device(Stage::device("sys-usb", "1-1.4"))->usb.isInput());
    }
    // Who may get it: running, paused (with the reason), halted; not dom0, not the backend, not the internal one.
    model.lookIfOld();
    EVENTUALLY(model.qube(Stage::qube("hidden"))->internal);
    QStringList names;
    for (const Target &target : model.targets(stick)) {
        names.append(target.qube.toString());
        QCOMPARE(target.obstacle.has_value(), target.qube.toString() == QStringLiteral("paused-vm"));
    }
    names.sort();
    QCOMPARE(names.join(u' '),
             QStringLiteral("default-dvm paused-vm personal sys-gui sys-net sys-usb2 vault win11 work"));
    if (modern) {
        EVENTUALLY(!model.device(stick)->assignments.isEmpty());
        QCOMPARE(model.device(stick)->assignments.front().mode, AssignMode::Automatic);
    }

    // An event that changes nothing about it; the answer to the look it causes does.
    server->attached = true;
    Q_EMIT server->events->received(FakeDom0::event("sys-usb", "device-list-change:usb"));
    Q_EMIT server->events->received(FakeDom0::event("work", "device-attach:usb", {{"device", "sys-usb:2-1"}}));
    EVENTUALLY(model.device(stick)->attachedTo == Stage::qube("work"));
    QCOMPARE(model.device(stick)->state, DeviceState::Attached);

    server->plugged = true;
    server->attached = false;
    Q_EMIT server->events->received(FakeDom0::event("sys-usb", "device-list-change:usb"));
    EVENTUALLY(model.devices().size() == 4);
    QCOMPARE(plugged, 1);
    QVERIFY(
        model.name(model.device(Stage::device("sys-usb", "3-2"))->usb).toString().contains(QStringLiteral("Webcam")));
}

/// The recorded stream is understood to its end, in pieces of any size, and tells the right places to look at.
void TestRecorded::stream()
{
    QFETCH(QString, release);
    const QByteArray bytes = fileOf(release, QStringLiteral("events.stream"));
    qsizetype count = 0;
    for (const qsizetype step : {qsizetype(1), qsizetype(7), bytes.size()}) {
        qubes::EventParser parser;
        QList<qubes::Event> events;
        for (qsizetype at = 0; at < bytes.size(); at += step)
            QVERIFY(parser.feed(QByteArrayView(bytes).sliced(at, std::min(step, bytes.size() - at)), events));
        QVERIFY(!parser.isInsideEvent());
        QVERIFY(isConnectionEstablished(events.front()));
        QVERIFY(count == 0 || count == events.size());
        count = events.size();
        bool backend = false;
        bool frontend = false;
        for (const qubes::Event &event : std::as_const(events)) {
            for (const Hint &hint : hintsOf(event)) {
                backend |= hint.about == Hint::About::Devices && hint.qube == Stage::qube("sys-usb");
                frontend |= hint.about == Hint::About::Attachments && hint.qube == Stage::qube("work") &&
                            hint.backend == Stage::qube("sys-usb");
            }
        }
        QVERIFY(backend && frontend);
    }
    QVERIFY(count > 15);
}

QTEST_GUILESS_MAIN(TestRecorded)
#include "tst_recorded.moc"
