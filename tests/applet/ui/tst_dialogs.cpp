// SPDX-License-Identifier: GPL-2.0-or-later
// The chooser of qubes and the rules of a device, used as people use them.
#include "uistage.h"

#include "ui/qubechooser.h"
#include "ui/rulesdialog.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPointer>
#include <QSignalSpy>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using testing::UiStage;

namespace {

const QByteArray attachCall = "admin.vm.device.usb.Attach";

/// A dialog about the device that is at that port now.
template <typename Dialog>
class Shown
{
public:
    Shown(UiStage &stage, const char *port)
        : dialog(
              new Dialog(stage.context(), {Stage::device("sys-usb", port), stage.row("sys-usb", port)->usb.identity()}))
    {
        dialog->show();
    }
    Shown(const Shown &) = delete;
    Shown &operator=(const Shown &) = delete;
    ~Shown() { delete dialog; }

    /// "(…)" is what can't be chosen.
    QStringList rows() const
    {
        QStringList texts;
        for (int i = 0; i < list()->count(); ++i) {
            const QListWidgetItem *const item = list()->item(i);
            texts.append(item->flags().testFlag(Qt::ItemIsEnabled) ? item->text() : '(' + item->text() + ')');
        }
        return texts;
    }
    QListWidget *list() const { return dialog->template findChild<QListWidget *>(); }
    QString current() const { return list()->currentItem() ? list()->currentItem()->text() : QString(); }
    QPushButton *button(const QString &text) const
    {
        for (QPushButton *const one : dialog->template findChildren<QPushButton *>()) {
            if (one->text() == text)
                return one;
        }
        return nullptr;
    }
    QComboBox *box(const QString &name) const
    {
        for (QComboBox *const one : dialog->template findChildren<QComboBox *>()) {
            if (one->accessibleName() == name)
                return one;
        }
        return nullptr;
    }
    bool says(const QString &part) const
    {
        const QList<QLabel *> labels = dialog->template findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
            return label->isVisibleTo(dialog) && label->text().contains(part);
        });
    }

    QPointer<Dialog> dialog;
};
using Chooser = Shown<ui::QubeChooser>;
using Rules = Shown<ui::RulesDialog>;

} // namespace

class TestDialogs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        // What is said of every window there is without a screen.
        QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)")));
    }

    void allTargetsWithReasons();
    void searchAndEnter();
    void saysWhatItDoes();
    void inputDeviceAsksFirst();
    void followsWhatChanges();
    void whatIsChosenStaysOrNothingIs();
    void aHeldKeyDoesNothing();
    void closesWithTheDevice();
    void rulesAreMadeAndRemoved();
    void oneRuleIsRemoved();
    void qubeOfANewRuleStaysOrNoneIs();
    void requiredRuleStays();
    void unknownDeviceHasItsPortOnly();
    void legacyRules();
    void theRightNames();
};

void TestDialogs::allTargetsWithReasons()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube banking;
    banking.denied = "u08****";
    stage.dom0.add("banking", banking);
    FakeDom0::Qube sleeping;
    sleeping.state = "Paused";
    stage.dom0.add("sleeping", sleeping);
    FakeDom0::Qube dvm;
    dvm.state = "Halted";
    dvm.disposableTemplate = true;
    stage.dom0.add("default-dvm", dvm);
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    QVERIFY(chooser.says("Attach DataTraveler (Kingston Technology) to:"));
    QCOMPARE(chooser.rows(),
             (QStringList{"(Suggested)", "personal", "work", "(Running)", "banking – denied by policy: USB storage",
                          "sleeping – paused", "(New disposable of)", "default-dvm", "(Started first)", "vault"}));
    QCOMPARE(chooser.current(), QStringLiteral("personal"));
    QVERIFY(chooser.button("Attach to personal")->isEnabled());
    // The keyboard gets to a reason, and Enter does nothing there.
    auto *const search = chooser.dialog->findChild<QLineEdit *>();
    QTest::keyClicks(search, "bank");
    QTest::keyClick(search, Qt::Key_Down);
    QCOMPARE(chooser.current(), QStringLiteral("banking – denied by policy: USB storage"));
    QVERIFY(!chooser.button("Attach")->isEnabled());
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(chooser.dialog->isVisible() && stage.model.activeJobs().isEmpty());
}

void TestDialogs::searchAndEnter()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.addQubesAndDevices(60, 3);
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    auto *const search = chooser.dialog->findChild<QLineEdit *>();
    QVERIFY(search->hasFocus() || !chooser.dialog->isActiveWindow());
    QTest::keyClicks(search, "QUBE4");
    QCOMPARE(chooser.rows(), (QStringList{"(Running)", "qube4", "qube40", "qube41", "qube42", "qube43", "qube44",
                                          "qube45", "qube46", "qube47", "qube48", "qube49"}));
    QTest::keyClick(search, Qt::Key_Down);
    QCOMPARE(chooser.current(), QStringLiteral("qube40"));
    QTest::keyClick(search, Qt::Key_Return);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:qube40"));
    QVERIFY(!chooser.dialog || chooser.dialog->isHidden());
}

/// Starting a qube, or making one, is more than attaching.
void TestDialogs::saysWhatItDoes()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Qube dvm;
    dvm.state = "Halted";
    dvm.disposableTemplate = true;
    stage.dom0.add("default-dvm", dvm);
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    const auto choose = [&](const QString &name) {
        chooser.list()->setCurrentItem(chooser.list()->findItems(name, Qt::MatchExactly).value(0));
    };
    QVERIFY(chooser.button("Attach to personal"));
    choose("vault");
    QVERIFY(chooser.button("Start vault and attach"));
    choose("default-dvm");
    QPushButton *const go = chooser.button("Attach to a new disposable");
    QVERIFY(go);
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(chooser.says("Move DataTraveler (Kingston Technology) from work to:"));
    QCOMPARE(chooser.current(), QStringLiteral("default-dvm")); // what was chosen stays chosen
    QCOMPARE(go->text(), QStringLiteral("Move to a new disposable"));
    choose("personal");
    QCOMPARE(go->text(), QStringLiteral("Move to personal"));
    go->click();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:personal"));
}

void TestDialogs::inputDeviceAsksFirst()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Chooser chooser(stage, "1-1.4");
    QVERIFY(chooser.says("read and forge"));
    QSignalSpy asked(&stage.operations, &control::Operations::confirmationNeeded);
    chooser.button("Attach to personal")->click();
    QCOMPARE(asked.size(), 1);
    QCOMPARE(stage.dom0.count(attachCall), 0);
}

void TestDialogs::followsWhatChanges()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    stage.dom0.setState("vault", "Running");
    EVENTUALLY(!chooser.rows().contains("(Started first)"));
    QVERIFY(chooser.rows().contains("vault"));
    stage.dom0.hold(attachCall);
    stage.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(!chooser.button("Attach to personal")->isEnabled()); // another attach is at it
    stage.dom0.release(attachCall);
    EVENTUALLY(chooser.button("Move to personal") && chooser.button("Move to personal")->isEnabled());
}

/// A click is on its way: the button must not come to mean another qube.
void TestDialogs::whatIsChosenStaysOrNothingIs()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    chooser.list()->setCurrentItem(chooser.list()->findItems(QStringLiteral("vault"), Qt::MatchExactly).value(0));
    QPushButton *const go = chooser.button("Start vault and attach");
    QVERIFY(go);
    stage.dom0.setState("vault", "Transient"); // somebody starts it
    stage.model.refresh();
    EVENTUALLY(!go->isEnabled());
    QCOMPARE(chooser.current(), QString());
    go->click();
    QTest::keyClick(chooser.dialog, Qt::Key_Return);
    QVERIFY(stage.model.activeJobs().isEmpty());
    chooser.list()->setCurrentItem(chooser.list()->findItems(QStringLiteral("work"), Qt::MatchExactly).value(0));
    stage.dom0.setState("vault", "Running");
    EVENTUALLY(chooser.rows().contains("vault"));
    QCOMPARE(chooser.current(), QStringLiteral("work"));
}

/// The key that opened it may still be held down.
void TestDialogs::aHeldKeyDoesNothing()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    const Rules rules(stage, "2-1");
    for (QWidget *const dialog : {static_cast<QWidget *>(chooser.dialog), static_cast<QWidget *>(rules.dialog)}) {
        for (QWidget *const widget : dialog->findChildren<QWidget *>()) {
            QKeyEvent again(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QStringLiteral("\r"), true);
            if (!qobject_cast<QAbstractButton *>(widget)) // they have it from whoever pressed them
                QApplication::sendEvent(widget, &again);
        }
    }
    QVERIFY(chooser.dialog->isVisible() && rules.dialog->isVisible());
    QVERIFY(stage.model.activeJobs().isEmpty());
    QTest::keyClick(rules.list(), Qt::Key_Return); // not held, and on no button
    QVERIFY(stage.model.activeJobs().isEmpty());
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Assign"), 0);
}

/// What was seen is what is attached: with the device its dialogs go, whatever comes to that port.
void TestDialogs::closesWithTheDevice()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    const Rules rules(stage, "2-1");
    QPushButton *const go = chooser.button("Attach to personal");
    stage.dom0.plug("sys-usb", "2-1", {"dead:beef:EVIL:u080650", "Evil", "Stick", "Evil", {}});
    bool isClicked = false;
    connect(&stage.model, &DeviceModel::deviceAdded, this, [&] {
        if (!std::exchange(isClicked, true) && chooser.dialog)
            go->click(); // before anything has been drawn
    });
    EVENTUALLY(!chooser.dialog && !rules.dialog);
    EVENTUALLY(isClicked && stage.model.activeJobs().isEmpty());
    QCOMPARE(stage.dom0.count(attachCall), 0);
}

void TestDialogs::rulesAreMadeAndRemoved()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Rules rules(stage, "2-1");
    QVERIFY(rules.says("Where DataTraveler (Kingston Technology) goes by itself:"));
    const QStringList none{"(No rules: it stays where it is until somebody attaches it.)"};
    QCOMPARE(rules.rows(), none);
    QVERIFY(!rules.button("Remove")->isEnabled());
    QComboBox *const qube = rules.box("Qube");
    qube->setCurrentText(QStringLiteral("work"));
    rules.box("Which device")->setCurrentText(QStringLiteral("any device at this port"));
    rules.button("Add the rule")->click();
    EVENTUALLY(rules.rows() == QStringList{"work: automatically, any device at this port"});
    QCOMPARE(qube->currentText(), QStringLiteral("work"));
    rules.box("How")->setCurrentText(QStringLiteral("ask first"));
    QPushButton *const add = rules.button("Replace the rules of work");
    QVERIFY(add);
    add->click(); // same qube and scope: the mode changes
    EVENTUALLY(rules.rows() == QStringList{"work: ask first, any device at this port"});
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Set.assignment"), 1);
    rules.box("Which device")->setCurrentText(QStringLiteral("this device at any port"));
    add->click(); // another scope: a new rule for the old one
    EVENTUALLY(rules.rows() == QStringList{"work: ask first, this device at any port"});

    QVERIFY(!rules.button("Remove")->isEnabled()); // nothing is chosen by itself
    rules.list()->setCurrentRow(0);
    qube->setCurrentText(QStringLiteral("personal"));
    QCOMPARE(add->text(), QStringLiteral("Add the rule"));
    add->click(); // comes to stand above the one that is chosen
    EVENTUALLY(rules.rows().size() == 2);
    QCOMPARE(rules.current(), QStringLiteral("work: ask first, this device at any port"));
    rules.button("Remove")->click();
    EVENTUALLY(rules.rows() == QStringList{"personal: ask first, this device at any port"});
    QVERIFY(!rules.button("Remove")->isEnabled());
    rules.list()->setCurrentRow(0);
    rules.button("Remove")->click();
    EVENTUALLY(rules.rows() == none);
    QVERIFY(stage.row("sys-usb", "2-1")->assignments.isEmpty());
}

/// Others of that qube stay: they may be about more than this device.
void TestDialogs::oneRuleIsRemoved()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:*", "auto-attach");
    stage.dom0.qube("work").rules.insert("sys-usb+*:0951:1666:S1:u080650", "ask-to-attach");
    QVERIFY(stage.run());
    const Rules rules(stage, "2-1"); // has the rules read
    EVENTUALLY(rules.rows().size() == 2);
    rules.list()->setCurrentItem(
        rules.list()->findItems(QStringLiteral("work: ask first, this device at any port"), Qt::MatchExactly).value(0));
    rules.button("Remove")->click();
    EVENTUALLY(rules.rows() == QStringList{"work: automatically, any device at this port"});
    QCOMPARE(stage.dom0.count("admin.vm.device.usb.Unassign"), 1);
}

/// The chosen qube goes away: no other comes to be chosen.
void TestDialogs::qubeOfANewRuleStaysOrNoneIs()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Rules rules(stage, "2-1");
    rules.box("Qube")->setCurrentText(QStringLiteral("work"));
    stage.dom0.remove("work");
    EVENTUALLY(rules.box("Qube")->currentIndex() == -1);
    QVERIFY(!rules.button("Add the rule")->isEnabled());
}

/// That a qube does not start without it was decided elsewhere.
void TestDialogs::requiredRuleStays()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("work").rules.insert("sys-usb+2-1:0951:1666:S1:u080650", "required");
    QVERIFY(stage.run());
    stage.model.lookIfOld();
    EVENTUALLY(!stage.row("sys-usb", "2-1")->assignments.isEmpty());
    const Rules rules(stage, "2-1");
    QCOMPARE(rules.rows(), QStringList{"work: required to start, this device at this port"});
    rules.list()->setCurrentRow(0);
    QVERIFY(!rules.button("Remove")->isEnabled());
}

void TestDialogs::unknownDeviceHasItsPortOnly()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.plug("sys-usb", "3-1", {"0000:0000::?******", {}, {}, {}, {}});
    QVERIFY(stage.run());
    const Rules rules(stage, "3-1");
    QComboBox *const which = rules.box("Which device");
    QCOMPARE(which->count(), 1);
    QCOMPARE(which->currentText(), QStringLiteral("any device at this port"));
}

void TestDialogs::legacyRules()
{
    UiStage stage({FakeDom0::Release::R42});
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Rules rules(stage, "2-1");
    QVERIFY(rules.says("only for the qube that has the device"));
    QVERIFY(!rules.button("Add the rule")->isEnabled());
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    EVENTUALLY(rules.button("Add the rule")->isEnabled());
    QVERIFY(!rules.says("only for the qube that has the device"));
    QCOMPARE(rules.box("Qube")->currentText(), QStringLiteral("work"));
    std::optional<control::Request> asked; // R4.2 does not say what it is
    connect(&stage.operations, &control::Operations::confirmationNeeded, this,
            [&](const control::Request &request) { asked = request; });
    rules.button("Add the rule")->click();
    EVENTUALLY(asked);
    stage.operations.performConfirmed(*asked);
    EVENTUALLY(stage.dom0.count("admin.vm.device.usb.Set.persistent") == 1);
    EVENTUALLY(rules.rows() == QStringList{"work: whenever the qube starts, any device at this port"});
}

/// A screen reader says what the eye sees.
void TestDialogs::theRightNames()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const Chooser chooser(stage, "2-1");
    const Rules rules(stage, "2-1");
    QCOMPARE(chooser.list()->item(1)->data(Qt::AccessibleTextRole).toString(), QStringLiteral("personal, Suggested"));
    for (const QWidget *const dialog : {static_cast<QWidget *>(chooser.dialog), static_cast<QWidget *>(rules.dialog)}) {
        for (const QWidget *const widget : dialog->findChildren<QWidget *>()) {
            const auto *const button = qobject_cast<const QAbstractButton *>(widget);
            if (widget->focusPolicy() & Qt::TabFocus && widget->isVisibleTo(dialog))
                QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
                         widget->metaObject()->className());
        }
    }
}

QTEST_MAIN(TestDialogs)
#include "tst_dialogs.moc"
