// SPDX-License-Identifier: GPL-2.0-or-later
// What is asked before a device is handed over, and what is done then.
#include "stage.h"

#include "control/operations.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace model;
using control::Question;
using control::Request;
using control::RuleChoice;
using testing::FakeDom0;
using testing::Stage;
using Release = FakeDom0::Release;

Q_DECLARE_METATYPE(Release)

namespace {

struct ControlStage : Stage
{
    explicit ControlStage(Release release = Release::R43)
        : Stage(Options{release})
        , settings(folder.filePath(QStringLiteral("settings.ini")))
        , operations(&model, &settings)
    {
        dom0.addUsual();
    }
    Request request(Request::Kind kind, const char *port) const
    {
        const Device *const row = this->row("sys-usb", port);
        return {kind, device("sys-usb", port), qube("work"), row ? std::optional(row->usb.identity()) : std::nullopt};
    }
    QList<Question> questions(Request::Kind kind, const char *port) const
    {
        return operations.questions(request(kind, port));
    }

    QTemporaryDir folder;
    memory::Settings settings;
    control::Operations operations;
};

using Kind = Request::Kind;
constexpr Kind handOvers[] = {Kind::Attach, Kind::Move, Kind::StartAndAttach, Kind::AttachToDisposable};

} // namespace

class TestControl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void codes();
    void aRuleAboutEveryDeviceStays();
    void suggestions();
    void suggestionsByMemory();
    void remembersTheLatest();
    void whatIsAsked_data();
    void whatIsAsked();
    void olderReleasesNeverSay_data();
    void olderReleasesNeverSay();
    void rulesAskToo();
    void whoWantsNoQuestionsGetsNone();
    void noQuestionAboutAnotherDevice();
    void ruleReplacesRule();
};

void TestControl::codes()
{
    for (const Question question : {Question::InputDevice, Question::UnknownInterfaces})
        QCOMPARE(control::questionOf(control::questionCode(question)), question);
    QVERIFY(!control::questionOf(u"anything"));
}

void TestControl::whatIsAsked_data()
{
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<QList<Question>>("expected");
    const QList<Question> nothing;
    QTest::newRow("storage") << QByteArray("0951:1666:S:u080650") << nothing;
    QTest::newRow("keyboard") << QByteArray("0951:1666:S:u030101") << QList{Question::InputDevice};
    QTest::newRow("a stick that is a keyboard, too")
        << QByteArray("0951:1666:S:u080650u030101") << QList{Question::InputDevice};
    QTest::newRow("nobody knows") << QByteArray("0951:1666:S:?******") << QList{Question::UnknownInterfaces};
    QTest::newRow("nobody knows anything") << QByteArray("0000:0000::?******") << QList{Question::UnknownInterfaces};
    QTest::newRow("one of two is not known")
        << QByteArray("0951:1666:S:u080650?******") << QList{Question::UnknownInterfaces};
    QTest::newRow("only the class is known") << QByteArray("0951:1666:S:u08****") << QList{Question::UnknownInterfaces};
    QTest::newRow("a keyboard and something else")
        << QByteArray("0951:1666:S:u030101?******") << QList{Question::InputDevice, Question::UnknownInterfaces};
}

void TestControl::whatIsAsked()
{
    QFETCH(const QByteArray, id);
    QFETCH(const QList<Question>, expected);
    ControlStage stage;
    stage.dom0.plug("sys-usb", "3-1", FakeDom0::Device{id});
    QVERIFY(stage.run());
    for (const Kind kind : handOvers)
        QCOMPARE(stage.questions(kind, "3-1"), expected);
    QCOMPARE(stage.questions(Kind::Detach, "3-1"), QList<Question>());
    QCOMPARE(stage.questions(Kind::DetachAndShutdown, "3-1"), QList<Question>());

    QSignalSpy asked(&stage.operations, &control::Operations::confirmationNeeded);
    stage.operations.perform(stage.request(Kind::Attach, "3-1"));
    QCOMPARE(asked.size(), expected.isEmpty() ? 0 : 1);
    QCOMPARE(stage.model.activeJobs().size(), expected.isEmpty() ? 1 : 0);
}

void TestControl::olderReleasesNeverSay_data()
{
    QTest::addColumn<Release>("release");
    QTest::newRow("R4.1") << Release::R41;
    QTest::newRow("R4.2") << Release::R42;
}

void TestControl::olderReleasesNeverSay()
{
    QFETCH(const Release, release);
    ControlStage stage(release);
    QVERIFY(stage.run());
    for (const char *const port : {"2-1", "1-1.4"})
        QCOMPARE(stage.questions(Kind::Attach, port), QList{Question::UnknownInterfaces});
}

void TestControl::rulesAskToo()
{
    ControlStage stage;
    QVERIFY(stage.run());
    QList<Request> asked;
    connect(&stage.operations, &control::Operations::confirmationNeeded, this,
            [&](const Request &request) { asked.append(request); });
    Request rule = stage.request(Kind::SetRule, "1-1.4");
    rule.rule = RuleChoice{};
    stage.operations.perform(rule);
    QCOMPARE(asked, QList{rule});
    QVERIFY(stage.model.activeJobs().isEmpty());
    bool isOver = false;
    stage.operations.performConfirmed(rule, [&](const Job *job) { isOver = job && job->end() == Job::End::Done; });
    EVENTUALLY(isOver);
    QCOMPARE(stage.row("sys-usb", "1-1.4")->assignments.size(), 1);

    // Taking one away hands over nothing.
    rule.rule.reset();
    stage.operations.perform(rule);
    QCOMPARE(asked.size(), 1);
    EVENTUALLY(stage.row("sys-usb", "1-1.4")->assignments.isEmpty());
}

void TestControl::whoWantsNoQuestionsGetsNone()
{
    ControlStage stage;
    QVERIFY(stage.run());
    QCOMPARE(stage.questions(Kind::Attach, "1-1.4"), QList{Question::InputDevice});
    stage.settings.setConfirmsInput(false);
    QCOMPARE(stage.questions(Kind::Attach, "1-1.4"), QList<Question>());
}

/// It gets nowhere, with the reason why.
void TestControl::noQuestionAboutAnotherDevice()
{
    ControlStage stage;
    QVERIFY(stage.run());
    const Request request = stage.request(Kind::Attach, "2-1");
    stage.dom0.plug("sys-usb", "2-1", FakeDom0::Device{"dead:beef:X:u030101"});
    EVENTUALLY(stage.row("sys-usb", "2-1") && stage.row("sys-usb", "2-1")->usb.isInput());
    QCOMPARE(stage.operations.questions(request), QList<Question>());
    std::optional<Failure> failure;
    stage.operations.performConfirmed(request, [&](const Job *job) { failure = job->failure(); });
    EVENTUALLY(failure);
    QCOMPARE(failure->reason, Reason::AnotherDevice);
}

void TestControl::ruleReplacesRule()
{
    ControlStage stage;
    QVERIFY(stage.run());
    Request rule = stage.request(Kind::SetRule, "2-1");
    int ends = 0;
    const Job *last = nullptr;
    const auto set = [&](AssignScope scope, AssignMode mode) {
        rule.rule = RuleChoice{scope, mode};
        stage.operations.performConfirmed(rule, [&](const Job *job) {
            ++ends;
            last = job;
        });
    };
    set(AssignScope::Port, AssignMode::Automatic);
    EVENTUALLY(ends == 1);
    QVERIFY(last);
    set(AssignScope::Device, AssignMode::Ask);
    EVENTUALLY(ends == 2);
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.size(), 1);
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.front().mode, AssignMode::Ask);
    QVERIFY(!stage.row("sys-usb", "2-1")->assignments.front().port);
    set(AssignScope::Device, AssignMode::Ask);
    EVENTUALLY(ends == 3);
    QVERIFY(!last); // it is so already
    stage.dom0.scriptReply("admin.vm.device.usb.Unassign", FakeDom0::exception("QubesException", "no"));
    set(AssignScope::Port, AssignMode::Ask);
    EVENTUALLY(ends == 4);
    QCOMPARE(stage.row("sys-usb", "2-1")->assignments.size(), 1); // the old one stands, and no second beside it
}

namespace {

QStringList namesOf(const QList<Target> &targets)
{
    QStringList names;
    for (const Target &target : targets)
        names.append(target.qube.toString());
    return names;
}

} // namespace

/// A rule about one device replaces that qube's rules about it, but not the one about all that the backend has.
void TestControl::aRuleAboutEveryDeviceStays()
{
    ControlStage stage;
    stage.dom0.qube("work").rules.insert("sys-usb+*:*", "ask-to-attach");
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:*", "ask-to-attach");
    QVERIFY(stage.run());
    stage.model.lookIfOld();
    const auto rules = [&] { return stage.row("sys-usb", "2-1")->assignments; };
    EVENTUALLY(rules().size() == 2);
    Request request = stage.request(Kind::SetRule, "2-1");
    request.rule = RuleChoice{AssignScope::Device, AssignMode::Automatic};
    bool isOver = false;
    stage.operations.performConfirmed(request, [&](const Job *) { isOver = true; });
    EVENTUALLY(isOver);
    const QList<Assignment> now = rules();
    QCOMPARE(now.size(), 2);
    QVERIFY(std::any_of(now.begin(), now.end(), [](const Assignment &rule) { return !rule.scope(); }));
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Unassign"), 1);
}

/// Rules first; qubes that serve others last; halted ones only if something speaks for them; none that can't have it.
void TestControl::suggestions()
{
    ControlStage stage;
    FakeDom0::Qube net;
    net.providesNetwork = true;
    stage.dom0.add("a-net", net);
    FakeDom0::Qube denied;
    denied.denied = "u08****";
    stage.dom0.add("banking", denied);
    FakeDom0::Qube dvm;
    dvm.state = "Halted";
    dvm.disposableTemplate = true;
    stage.dom0.add("a-dvm", dvm);
    stage.dom0.add("b-dvm", dvm);
    stage.dom0.qube("vault").rules.insert("sys-usb+2-1:0951:1666:S1:u080650", "auto-attach");
    stage.dom0.defaultDisposable = "b-dvm";
    QVERIFY(stage.run());
    stage.model.lookIfOld();
    const DeviceKey key = Stage::device("sys-usb", "2-1");
    EVENTUALLY(!stage.row("sys-usb", "2-1")->assignments.isEmpty() && stage.model.defaultDisposable());
    control::Suggestions found = stage.operations.suggestions(key);
    QCOMPARE(namesOf(found.targets), (QStringList{"vault", "personal", "work", "a-net"}));
    QCOMPARE(found.targets.constFirst().kind, Target::Kind::Halted);
    QVERIFY(found.disposable && found.disposable->qube == Stage::qube("b-dvm"));
    QVERIFY(!found.isAll); // a-dvm, banking

    QVERIFY(stage.operations.suggestions(Stage::device("sys-usb", "9-9")).targets.isEmpty());
    stage.dom0.remove("a-dvm");
    stage.dom0.remove("banking");
    EVENTUALLY(stage.operations.suggestions(key).isAll);
    // None is the default, but there is one.
    stage.dom0.defaultDisposable.clear();
    stage.model.refresh();
    EVENTUALLY(!stage.model.defaultDisposable());
    QVERIFY(stage.operations.suggestions(key).disposable);
    FakeDom0::Qube another = stage.dom0.qube("b-dvm");
    stage.dom0.add("c-dvm", another);
    EVENTUALLY(!stage.operations.suggestions(key).disposable);
}

void TestControl::suggestionsByMemory()
{
    ControlStage stage;
    for (int i = 0; i < 20; ++i)
        stage.dom0.add("qube" + QByteArray::number(i), FakeDom0::Qube{});
    QVERIFY(stage.run());
    const UsbDevice &stick = stage.row("sys-usb", "2-1")->usb;
    const UsbDevice &keyboard = stage.row("sys-usb", "1-1.4")->usb;
    stage.settings.setLastQube(stick, Stage::qube("vault")); // halted
    stage.settings.setLastQube(keyboard, Stage::qube("qube9"));
    const DeviceKey key = Stage::device("sys-usb", "2-1");
    QCOMPARE(namesOf(stage.operations.suggestions(key).targets),
             (QStringList{"vault", "qube9", "personal", "qube0", "qube1"}));
    stage.settings.setLastQube(keyboard, Stage::qube("work"));
    QCOMPARE(namesOf(stage.operations.suggestions(key).targets),
             (QStringList{"vault", "work", "personal", "qube0", "qube1"}));
}

/// The memory is bounded: some people plug in a thousand sticks.
void TestControl::remembersTheLatest()
{
    ControlStage stage;
    QVERIFY(stage.run());
    UsbDevice device = stage.row("sys-usb", "2-1")->usb;
    const auto nth = [&](int n) {
        device.id = DeviceId::parse("0951:1666:S" + QByteArray::number(n) + ":u080650");
        return device;
    };
    for (int i = 0; i <= memory::Settings::maxLastQubes; ++i)
        stage.settings.setLastQube(nth(i), Stage::qube(i % 2 == 0 ? "work" : "personal"));
    QVERIFY(!stage.settings.lastQube(nth(0)));
    QVERIFY(stage.settings.lastQube(nth(1)) == Stage::qube("personal"));
    stage.settings.setLastQube(nth(1), Stage::qube("vault"));
    QVERIFY(stage.settings.lastQube(nth(2)));
    QVERIFY(stage.settings.lastQube(nth(1)) == Stage::qube("vault"));
    const QList<QubeName> recent = stage.settings.recentQubes();
    QCOMPARE(recent, (QList{Stage::qube("vault"), Stage::qube("work"), Stage::qube("personal")}));
    // Another session.
    const memory::Settings again(stage.folder.filePath(QStringLiteral("settings.ini")));
    QCOMPARE(again.recentQubes(), recent);
}

QTEST_GUILESS_MAIN(TestControl)
#include "tst_control.moc"
