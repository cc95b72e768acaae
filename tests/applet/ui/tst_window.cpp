// SPDX-License-Identifier: GPL-2.0-or-later
// The window, used as people use it: by keyboard and by clicks.
#include "uistage.h"

#include "ui/appletwindow.h"
#include "ui/confirmation.h"
#include "ui/devicerows.h"
#include "ui/popover.h"
#include "ui/rowdelegate.h"
#include "ui/settingsdialog.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using testing::UiStage;
using Window = ui::AppletWindow;

namespace {

/// The window on its stage, with what is looked at.
class Shown
{
public:
    explicit Shown(UiStage &stage)
        : log(&stage.model)
        , window(&stage.model, &stage.operations, &stage.icons, &stage.settings, &log)
        , search(window.findChild<QLineEdit *>())
        , list(window.findChild<QListView *>(QStringLiteral("devices")))
    {
        window.open(Window::Manner::Window);
    }
    QStringList rows() const
    {
        QStringList texts;
        for (int i = 0; i < list->model()->rowCount(); ++i)
            texts.append(list->model()->index(i, 0).data().toString());
        return texts;
    }
    QString current(int role) const { return list->currentIndex().data(role).toString(); }
    bool says(const QString &part) const
    {
        const QList<QLabel *> labels = window.findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
            return label->isVisibleTo(&window) && label->text().contains(part);
        });
    }

    ui::ActivityLog log;
    Window window;
    QLineEdit *search;
    QListView *list;
};

} // namespace

class TestWindow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        // What is said of every window there is without a screen.
        QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)")));
    }

    void rowsAndDetails();
    void newOnesStandFirst();
    void searchByTyping();
    void enterDoesTheLikeliest();
    void enterInTheSearchOnlyOpens();
    void selectionStaysWhileSearching();
    void clickOnTheButton();
    void everythingElseIsBehindTheRow();
    void buttonsOfTheDetails();
    void rowsComeAndGo();
    void haltedBackendIsStarted();
    void log();
    void showsDevice();
    void swapped();
    void escapeGoesBackAndCloses();
    void controlQQuits();
    void popoverBesideTheIcon_data();
    void popoverBesideTheIcon();
    void namesForThoseWhoDoNotSee();
    void confirmationSaysWhatItIs();
    void settingsTakeEffectAtOnce();
};

void TestWindow::rowsAndDetails()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    QCOMPARE(shown.rows(), (QStringList{"sys-usb", "Keyboard K120 (Logitech)", "DataTraveler (Kingston Technology)"}));
    QVERIFY(shown.says("can read and forge")); // the keyboard is chosen
    QTest::keyClick(shown.search, Qt::Key_Down);
    QTest::keyClick(shown.list, Qt::Key_Down);
    QCOMPARE(shown.current(Qt::DisplayRole), QStringLiteral("DataTraveler (Kingston Technology)"));
    QVERIFY(shown.says("0951:1666"));
    QVERIFY(shown.says("S1"));
    QVERIFY(shown.says("u080650"));
    QVERIFY(!shown.says("can read and forge"));
    EVENTUALLY(!shown.window.grab().isNull());
}

void TestWindow::newOnesStandFirst()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.list->setCurrentIndex(shown.list->model()->index(2, 0));
    const QString chosen = shown.current(Qt::DisplayRole);
    stage.dom0.plug("sys-usb", "2-7", FakeDom0::Device{});
    EVENTUALLY(shown.list->model()->rowCount() == 4);
    const auto ports = [&] {
        QStringList found;
        for (int row = 1; row < shown.list->model()->rowCount(); ++row)
            found.append(shown.list->model()->index(row, 0).data(ui::DeviceRows::PortRole).toString());
        return found;
    };
    QCOMPARE(ports(), (QStringList{"2-7", "1-1.4", "2-1"}));
    const QModelIndex first = shown.list->model()->index(1, 0);
    QVERIFY(first.data(ui::DeviceRows::NewRole).toBool());
    QVERIFY(first.data(Qt::AccessibleTextRole).toString().endsWith(QStringLiteral(", new")));
    QVERIFY(!shown.list->model()->index(2, 0).data(ui::DeviceRows::NewRole).toBool());
    QCOMPARE(shown.current(Qt::DisplayRole), chosen);
    // It goes where it belongs when somebody has looked, with the selection.
    shown.list->setCurrentIndex(first);
    stage.operations.news()->markSeen();
    QCOMPARE(ports(), (QStringList{"1-1.4", "2-1", "2-7"}));
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-7"));
    // The window's end is such a look; that it changes its kind is not.
    stage.dom0.plug("sys-usb", "1-9", FakeDom0::Device{});
    EVENTUALLY(ports().constFirst() == QStringLiteral("1-9"));
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-7"));
    shown.window.open(Window::Manner::Popover);
    QCOMPARE(ports().constFirst(), QStringLiteral("1-9"));
    shown.window.hide();
    QCOMPARE(ports(), (QStringList{"1-1.4", "1-9", "2-1", "2-7"}));
    QVERIFY(!shown.list->model()->index(2, 0).data(ui::DeviceRows::NewRole).toBool());
}

void TestWindow::searchByTyping()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    QTest::keyClicks(shown.list, "trav");
    QCOMPARE(shown.search->text(), QStringLiteral("trav"));
    shown.search->setText(QStringLiteral("trav 0951"));
    QCOMPARE(shown.rows(), (QStringList{"sys-usb", "DataTraveler (Kingston Technology)"}));
    QCOMPARE(shown.current(Qt::DisplayRole), QStringLiteral("DataTraveler (Kingston Technology)"));
    shown.search->setText(QStringLiteral("nowhere"));
    QVERIFY(shown.rows().isEmpty());
    QVERIFY(shown.says("Nothing found"));
    shown.search->clear();
    QCOMPARE(shown.rows().size(), 3);
}

void TestWindow::enterDoesTheLikeliest()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.search->setText(QStringLiteral("datatraveler"));
    QCOMPARE(shown.current(ui::DeviceRows::ActionTextRole), QStringLiteral("Attach…"));
    stage.settings.setLastQube(stage.row("sys-usb", "2-1")->usb, Stage::qube("work"));
    QCOMPARE(shown.current(ui::DeviceRows::ActionTextRole), QStringLiteral("Attach to work"));
    QTest::keyClick(shown.list, Qt::Key_Return);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:work"));
    EVENTUALLY(shown.current(ui::DeviceRows::ActionTextRole) == QStringLiteral("Detach"));
    QCOMPARE(shown.current(ui::DeviceRows::QubeNameRole), QStringLiteral("work"));
    QTest::keyClick(shown.list, Qt::Key_Return);
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
}

/// What was found first may be what is in use.
void TestWindow::enterInTheSearchOnlyOpens()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.setAttached("sys-usb", "1-1.4", "work");
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.window.activateWindow();
    shown.search->setText(QStringLiteral("keyb"));
    QCOMPARE(shown.current(ui::DeviceRows::ActionTextRole), QStringLiteral("Detach"));
    QTest::keyClick(shown.search, Qt::Key_Return);
    auto *const menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
    QVERIFY(menu);
    QVERIFY(stage.model.activeJobs().isEmpty());
    UiStage::find(menu, "Detach from work")->trigger();
    menu->close();
    EVENTUALLY(stage.state("sys-usb", "1-1.4") == QStringLiteral("free"));
}

void TestWindow::selectionStaysWhileSearching()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.search->setText(QStringLiteral("-"));
    const QModelIndex last = shown.list->model()->index(shown.list->model()->rowCount() - 1, 0);
    shown.list->setCurrentIndex(last);
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-1"));
    // Another section above it.
    stage.dom0.plug("personal", "1-1", FakeDom0::Device{});
    EVENTUALLY(shown.rows().size() == 5);
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-1"));
    QCOMPARE(shown.current(ui::DeviceRows::BackendRole), QStringLiteral("sys-usb"));
}

void TestWindow::clickOnTheButton()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.search->setText(QStringLiteral("datatraveler"));
    QVERIFY(QTest::qWaitForWindowExposed(&shown.window));
    const QModelIndex index = shown.list->currentIndex();
    QStyleOptionViewItem option;
    option.rect = shown.list->visualRect(index);
    option.fontMetrics = shown.list->fontMetrics();
    const auto *const delegate = qobject_cast<ui::RowDelegate *>(shown.list->itemDelegate());
    const QRect button = delegate->buttonRect(option, index);
    QVERIFY(option.rect.contains(button));
    QTest::mouseClick(shown.list->viewport(), Qt::LeftButton, {}, QPoint(option.rect.left() + 60, button.center().y()));
    QVERIFY(stage.model.activeJobs().isEmpty()); // beside it: that only chooses the row
    QTest::mouseClick(shown.list->viewport(), Qt::LeftButton, {}, button.center());
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
}

void TestWindow::everythingElseIsBehindTheRow()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.window.activateWindow();
    shown.search->setText(QStringLiteral("datatraveler"));
    QTest::keyClick(shown.list, Qt::Key_Right);
    auto *const menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
    QVERIFY(menu);
    UiStage::find(menu, "personal")->trigger();
    menu->close();
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("attached:personal"));
}

/// What a mouse does in a row the keyboard does here: real buttons, each with its name and in its turn.
void TestWindow::buttonsOfTheDetails()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.window.showDevice(Stage::device("sys-usb", "2-1"));
    const auto button = [&](const QString &text) -> QPushButton * {
        for (QPushButton *const one : shown.window.findChildren<QPushButton *>()) {
            if (one->text() == text && one->isVisibleTo(&shown.window))
                return one;
        }
        return nullptr;
    };
    const auto press = [&](const QString &text) {
        QVERIFY2(button(text), qPrintable(text));
        QVERIFY(button(text)->focusPolicy() & Qt::TabFocus);
        QTest::keyClick(button(text), text.endsWith(QChar(0x2026)) ? Qt::Key_Return : Qt::Key_Space);
    };
    std::optional<DeviceChoice> chosen;
    std::optional<DeviceChoice> ruled;
    connect(&stage.operations, &control::Operations::chooserRequested, this,
            [&](const DeviceChoice &choice) { chosen = choice; });
    connect(&stage.operations, &control::Operations::rulesRequested, this,
            [&](const DeviceChoice &choice) { ruled = choice; });
    press(QStringLiteral("Attach to…"));
    QVERIFY(chosen && chosen->key == Stage::device("sys-usb", "2-1"));
    QVERIFY(chosen->seen == stage.row("sys-usb", "2-1")->usb.identity());
    press(QStringLiteral("Automatic…"));
    QVERIFY(ruled && ruled->key == Stage::device("sys-usb", "2-1"));
    QVERIFY(!button(QStringLiteral("Detach")));

    const auto attach = [&] {
        stage.operations.perform(
            {control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work"), {}});
    };
    stage.dom0.scriptReply("admin.vm.device.usb.Attach", FakeDom0::exception("QubesUSBException", "bus broke"));
    attach();
    EVENTUALLY(button(QStringLiteral("Try again")));
    press(QStringLiteral("Dismiss"));
    EVENTUALLY(!button(QStringLiteral("Try again")));

    stage.dom0.hold("admin.vm.device.usb.Attach");
    attach();
    EVENTUALLY(button(QStringLiteral("Stop waiting")));
    QVERIFY(!button(QStringLiteral("Attach to…"))->isEnabled());
    stage.dom0.release("admin.vm.device.usb.Attach");
    EVENTUALLY(button(QStringLiteral("Move to…")));
    press(QStringLiteral("Detach"));
    EVENTUALLY(stage.state("sys-usb", "2-1") == QStringLiteral("free"));
}

void TestWindow::rowsComeAndGo()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.list->setCurrentIndex(shown.list->model()->index(2, 0));
    stage.dom0.plug("sys-usb", "1-2", FakeDom0::Device{});
    EVENTUALLY(shown.rows().size() == 4);
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-1")); // what was chosen stays chosen
    stage.dom0.unplug("sys-usb", "1-2");
    stage.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(shown.rows().size() == 2);
    stage.dom0.unplug("sys-usb", "1-1.4");
    EVENTUALLY(shown.says("No USB devices") || shown.rows().size() == 1);
}

void TestWindow::haltedBackendIsStarted()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.qube("sys-usb").state = "Halted";
    stage.model.setRememberedBackends({Stage::qube("sys-usb")});
    QVERIFY(stage.run());
    Shown shown(stage);
    QCOMPARE(shown.rows(), QStringList{"sys-usb"});
    QCOMPARE(shown.current(ui::DeviceRows::ActionTextRole), QStringLiteral("Start"));
    QTest::keyClick(shown.list, Qt::Key_Return);
    EVENTUALLY(shown.rows().size() == 3);
}

void TestWindow::log()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    const auto newest = [&] { return shown.log.index(0).data().toString(); };
    stage.dom0.scriptReply("admin.vm.device.usb.Attach", FakeDom0::exception("QubesUSBException", "bus broke"));
    stage.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(newest().contains(QStringLiteral("Could not attach to work")));
    QVERIFY(newest().contains(QStringLiteral("bus broke")));
    stage.operations.perform({control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")});
    EVENTUALLY(newest().endsWith(QStringLiteral("attached to work")));
    stage.dom0.unplug("sys-usb", "2-1");
    EVENTUALLY(newest().contains(QStringLiteral("removed while attached to work")));
    for (int i = 0; i < ui::ActivityLog::limit; ++i)
        stage.model.startQube(Stage::qube("nobody"));
    EVENTUALLY(shown.log.rowCount() == ui::ActivityLog::limit);
}

/// Another device at the same port is another row: nothing that was said of the old one is left, nor is it selected.
void TestWindow::swapped()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.window.showDevice(Stage::device("sys-usb", "2-1"));
    QVERIFY(shown.says(QStringLiteral("S1")));
    stage.dom0.plug("sys-usb", "2-1", {"dead:beef:EVIL:u080650", "Evil", "Stick", "Evil", {}});
    EVENTUALLY(shown.rows().contains(QStringLiteral("Stick (Evil)")));
    QVERIFY(!shown.rows().contains(QStringLiteral("DataTraveler (Kingston Technology)")));
    QVERIFY(shown.current(Qt::DisplayRole) != QStringLiteral("Stick (Evil)"));
    QVERIFY(!shown.says(QStringLiteral("S1")) && !shown.says(QStringLiteral("0951:1666")));
}

void TestWindow::showsDevice()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.search->setText(QStringLiteral("keyboard"));
    shown.window.showDevice(Stage::device("sys-usb", "2-1"));
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-1"));
    shown.window.showDevice(Stage::device("sys-usb", "9-9")); // gone meanwhile
    QCOMPARE(shown.current(ui::DeviceRows::PortRole), QStringLiteral("2-1"));
}

void TestWindow::escapeGoesBackAndCloses()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    Shown shown(stage);
    QVERIFY(QTest::qWaitForWindowActive(&shown.window));
    QSignalSpy closed(&shown.window, &Window::closed);
    shown.search->setText(QStringLiteral("key"));
    QTest::keyClick(&shown.window, Qt::Key_Escape);
    QCOMPARE(shown.search->text(), QString());
    QVERIFY(shown.window.isVisible());
    QTest::keyClick(&shown.window, Qt::Key_Escape);
    QVERIFY(!shown.window.isVisible());
    QCOMPARE(closed.count(), 1);
}

void TestWindow::controlQQuits()
{
    // On every desktop: on Xfce no key is the standard one for it.
    UiStage stage;
    QVERIFY(stage.run());
    Shown shown(stage);
    QSignalSpy quit(&shown.window, &Window::quitRequested);
    QVERIFY(QTest::qWaitForWindowActive(&shown.window));
    QTest::keyClick(shown.search, Qt::Key_Q, Qt::ControlModifier);
    QCOMPARE(quit.size(), 1);
}

void TestWindow::popoverBesideTheIcon_data()
{
    QTest::addColumn<QPoint>("icon");
    QTest::addColumn<QRect>("expected");
    const QRect screen(0, 28, 1280, 772);
    QTest::newRow("panel above, right") << QPoint(1200, 14) << QRect(814, 34, 460, 600);
    QTest::newRow("panel above, middle") << QPoint(640, 14) << QRect(410, 34, 460, 600);
    QTest::newRow("panel below, left") << QPoint(10, 795) << QRect(6, 189, 460, 600);
    QTest::newRow("other screen's corner") << QPoint(5000, 5000) << QRect(814, 194, 460, 600);
    Q_UNUSED(screen)
}

void TestWindow::popoverBesideTheIcon()
{
    QFETCH(QPoint, icon);
    QFETCH(QRect, expected);
    const QRect available(0, 28, 1280, 772);
    QCOMPARE(ui::popoverGeometry(icon, QSize(460, 600), available), expected);
    QVERIFY(available.contains(ui::popoverGeometry(icon, QSize(4600, 6000), available)));
}

void TestWindow::namesForThoseWhoDoNotSee()
{
    UiStage stage;
    stage.dom0.addUsual();
    stage.dom0.setAttached("sys-usb", "2-1", "work");
    QVERIFY(stage.run());
    Shown shown(stage);
    shown.search->setText(QStringLiteral("datatraveler"));
    QCOMPARE(shown.current(Qt::AccessibleTextRole),
             QStringLiteral("DataTraveler (Kingston Technology), USB storage, sys-usb:2-1, attached to work"));
    QCOMPARE(shown.list->model()->index(0, 0).data(Qt::AccessibleTextRole).toString(), QStringLiteral("sys-usb"));
    for (const QWidget *const widget : shown.window.findChildren<QWidget *>()) {
        const auto *const button = qobject_cast<const QPushButton *>(widget);
        if (widget->focusPolicy() & Qt::TabFocus && !qobject_cast<const QScrollArea *>(widget->parentWidget()))
            QVERIFY2(!widget->accessibleName().isEmpty() || !widget->isVisibleTo(&shown.window) ||
                         qobject_cast<const QLabel *>(widget) || (button && !button->text().isEmpty()),
                     widget->metaObject()->className());
    }
}

void TestWindow::confirmationSaysWhatItIs()
{
    UiStage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const control::Request request{control::Request::Kind::Attach, Stage::device("sys-usb", "1-1.4"),
                                   Stage::qube("work")};
    for (const bool yes : {false, true}) {
        auto *const question = new ui::Confirmation(stage.model, request, stage.operations.questions(request));
        QSignalSpy confirmed(question, &ui::Confirmation::confirmed);
        question->show();
        QCOMPARE(question->text(), QStringLiteral("Attach Keyboard K120 (Logitech) to work?"));
        QVERIFY(question->informativeText().contains(QStringLiteral("read and forge")));
        QCOMPARE(question->textFormat(), Qt::PlainText);
        QCOMPARE(question->defaultButton()->text(), QStringLiteral("Cancel"));
        for (QAbstractButton *const button : question->buttons()) {
            if ((button->text() == QStringLiteral("Attach")) == yes)
                button->click();
        }
        QCOMPARE(confirmed.count(), yes ? 1 : 0);
    }
    control::Request rule = request;
    rule.kind = control::Request::Kind::SetRule;
    rule.rule = control::RuleChoice{};
    const ui::Confirmation question(stage.model, rule, {control::Question::UnknownInterfaces});
    QCOMPARE(question.text(), QStringLiteral("Attach Keyboard K120 (Logitech) to work automatically from now on?"));
    QVERIFY(question.informativeText().contains(QStringLiteral("does not say what this device is")));
}

void TestWindow::settingsTakeEffectAtOnce()
{
    UiStage stage;
    const ui::Autostart autostart(stage.folder.filePath(QStringLiteral("autostart")), {});
    QVERIFY(!autostart.isOn());
    ui::SettingsDialog *const dialog = new ui::SettingsDialog(&stage.settings, autostart);
    dialog->show();
    const QList<QCheckBox *> boxes = dialog->findChildren<QCheckBox *>();
    QCOMPARE(boxes.size(), 10);
    for (QCheckBox *const box : boxes)
        box->click();
    for (const memory::Settings::Notice notice : memory::Settings::allNotices)
        QVERIFY(!stage.settings.isNoticeOn(notice));
    QVERIFY(stage.settings.leftClickOpensMenu());
    QVERIFY(!stage.settings.confirmsInput());
    QVERIFY(autostart.isOn());
    dialog->close();
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
