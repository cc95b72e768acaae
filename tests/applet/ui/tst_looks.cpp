// SPDX-License-Identifier: GPL-2.0-or-later
// Icons, words and languages: everything has some, and what must differ does.
#include "uistage.h"

#include "ui/appletstate.h"
#include "ui/commandline.h"
#include "ui/failuretext.h"
#include "ui/languages.h"
#include "ui/trayicon.h"
#include "ui/wording.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QTest>

using namespace model;
using testing::FakeDom0;
using testing::Stage;
using testing::UiStage;
using ui::AppletState;
using ui::Icons;

namespace {

constexpr AppletState allStates[] = {AppletState::Disconnected, AppletState::Error, AppletState::Busy,
                                     AppletState::Attached, AppletState::Idle};

/// Black where there is anything of the icon, white elsewhere: what is left of it without any colour.
QImage shapeOf(const QIcon &icon, int size)
{
    QImage image = icon.pixmap(size).toImage().convertToFormat(QImage::Format_ARGB32);
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            image.setPixelColor(x, y, qAlpha(image.pixel(x, y)) > 96 ? Qt::black : Qt::white);
    }
    return image;
}

/// How far apart the lightest and the darkest opaque pixels are, 0 to 255.
int contrastOf(const QIcon &icon, int size)
{
    const QImage image = icon.pixmap(size).toImage();
    int darkest = 255;
    int lightest = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (qAlpha(image.pixel(x, y)) < 200)
                continue;
            darkest = std::min(darkest, qGray(image.pixel(x, y)));
            lightest = std::max(lightest, qGray(image.pixel(x, y)));
        }
    }
    return lightest - darkest;
}

QImage grayOf(const QIcon &icon, int size)
{
    return icon.pixmap(size).toImage().convertToFormat(QImage::Format_Grayscale8);
}

} // namespace

class TestLooks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void statesAreToldWithoutColour();
    void attachedOnesAreCounted();
    void trayHasANameAndPixelsThatRead();
    void everyClassHasAnIcon();
    void theThemeIsAskedOnce();
    void qubesHaveTheirColourAndShape();
    void stateOfAll();
    void toolTip();
    void everyReasonIsASentence();
    void whatIsADiskIsToBeUnmounted();
    void untrustedTextIsNoFormat();
    void nameThatSaysNoMoreThanTheMaker();
    void longNamesInTheMenu();
    void plurals_data();
    void plurals();
    void wordsOfQt();
    void commandLine_data();
    void commandLine();
};

void TestLooks::statesAreToldWithoutColour()
{
    Icons icons;
    for (const int size : {16, 22, 32, 44}) {
        QList<QImage> seen;
        for (const AppletState state : allStates) {
            const QIcon icon = icons.tray(state);
            QVERIFY(!icon.isNull());
            // A dark tile with light signs reads on a light panel and on a dark one.
            QVERIFY2(contrastOf(icon, size) > 90, ui::appletStateName(state));
            const QImage gray = grayOf(icon, size);
            QVERIFY2(!seen.contains(gray), ui::appletStateName(state));
            seen.append(gray);
        }
    }
}

void TestLooks::attachedOnesAreCounted()
{
    Icons icons;
    for (const int size : {16, 22, 44}) {
        QList<QImage> seen;
        for (int attached = 1; attached <= 10; ++attached) {
            const QImage gray = grayOf(icons.tray(AppletState::Attached, attached), size);
            QVERIFY2(!seen.contains(gray), qPrintable(QString::number(attached)));
            seen.append(gray);
        }
        QCOMPARE(grayOf(icons.tray(AppletState::Attached, 100), size), seen.constLast());
        QCOMPARE(grayOf(icons.tray(AppletState::Busy, 3), size), grayOf(icons.tray(AppletState::Busy), size));
    }
}

/// A panel whose theme lacks the name would draw the symbolic one's own dark pixels, on a dark ground if it has one.
void TestLooks::trayHasANameAndPixelsThatRead()
{
    Icons icons;
    const QString name = QStringLiteral("org.qubes.UsbApplet-idle-symbolic");
    const QIcon without = icons.tray(AppletState::Idle);
    QCOMPARE(without.name(), QString());

    QTemporaryDir theme;
    QVERIFY(QDir(theme.path()).mkpath(QStringLiteral("hicolor/symbolic/apps")));
    QFile index(theme.filePath(QStringLiteral("hicolor/index.theme")));
    QVERIFY(index.open(QIODevice::WriteOnly));
    index.write("[Icon Theme]\nName=hicolor\nComment=x\nDirectories=symbolic/apps\n"
                "[symbolic/apps]\nSize=16\nMinSize=8\nMaxSize=512\nType=Scalable\nContext=Applications\n");
    index.close();
    QVERIFY(QFile::copy(QStringLiteral(ICONS "/symbolic/%1.svg").arg(name),
                        theme.filePath(QStringLiteral("hicolor/symbolic/apps/%1.svg").arg(name))));
    const QStringList before = QIcon::themeSearchPaths();
    const QString nameBefore = QIcon::themeName();
    QIcon::setThemeSearchPaths({theme.path()});
    QIcon::setThemeName(QStringLiteral("hicolor"));
    const QIcon with = icons.tray(AppletState::Idle);
    QIcon::setThemeSearchPaths(before);
    QIcon::setThemeName(nameBefore);
    QCOMPARE(with.name(), name);
    for (const int size : {16, 22, 32, 44})
        QCOMPARE(with.pixmap(size).toImage(), without.pixmap(size).toImage());
    QCOMPARE(with.availableSizes(), without.availableSizes());
}

void TestLooks::everyClassHasAnIcon()
{
    Icons icons;
    QList<QImage> seen;
    for (int i = 0; i <= static_cast<int>(Category::Other); ++i) {
        const auto category = static_cast<Category>(i);
        const QIcon icon = icons.device(category, Icons::Form::Pixels);
        QVERIFY2(!icon.isNull(), qPrintable(categoryName(category)));
        QVERIFY(icon.name().isEmpty()); // a panel would look for the name in its own theme, and show nothing
        QVERIFY(contrastOf(icon, 16) > 60);
        const QImage gray = grayOf(icon, 32);
        QVERIFY2(!seen.contains(gray), qPrintable(categoryName(category)));
        seen.append(gray);
    }
}

/// Where the theme has no icon of a qube, Qt searches all its folders; so it is asked once.
void TestLooks::theThemeIsAskedOnce()
{
    const QTemporaryDir theme;
    const QStringList before = QIcon::themeSearchPaths();
    const QString nameBefore = QIcon::themeName();
    QIcon::setThemeSearchPaths({theme.path()});
    const QDir folder(theme.path());
    for (const char *const name : {"one", "two"}) {
        QVERIFY(folder.mkpath(QStringLiteral("%1/scalable").arg(QLatin1String(name))));
        QFile index(folder.filePath(QStringLiteral("%1/index.theme").arg(QLatin1String(name))));
        QVERIFY(index.open(QIODevice::WriteOnly));
        index.write("[Icon Theme]\nName=x\nComment=x\nDirectories=scalable\n[scalable]\nSize=32\nType=Scalable\n");
    }
    QIcon::setThemeName(QStringLiteral("one"));
    Icons icons;
    Qube qube{QubeListing{Stage::qube("work"), QubeClass::App, PowerState::Running}};
    qube.properties = QubeProperties{};
    qube.properties->icon = PlainText::fromUntrusted(QByteArray("appvm-plaid"));
    const auto isOurs = [&] { return icons.qube(qube, 0, Icons::Form::Named).name().isEmpty(); };
    QVERIFY(isOurs());
    for (const char *const name : {"one", "two"})
        QVERIFY(QFile::copy(QStringLiteral(":/icons/qube-app.svg"),
                            folder.filePath(QStringLiteral("%1/scalable/appvm-plaid.svg").arg(QLatin1String(name)))));
    QVERIFY(isOurs());
    QIcon::setThemeName(QStringLiteral("two"));
    QVERIFY(!isOurs());
    QIcon::setThemeSearchPaths(before);
    QIcon::setThemeName(nameBefore);
}

void TestLooks::qubesHaveTheirColourAndShape()
{
    Icons icons;
    const auto icon = [&](QubeClass qubeClass, quint32 color) {
        return icons.qube(Qube{QubeListing{Stage::qube("work"), qubeClass, PowerState::Running}}, color,
                          Icons::Form::Pixels);
    };
    QVERIFY(icon(QubeClass::App, 0xcc0000).pixmap(32).toImage() != icon(QubeClass::App, 0x0000cc).pixmap(32).toImage());
    const QImage red = icon(QubeClass::App, 0xcc0000).pixmap(32).toImage();
    QVERIFY(std::abs(qRed(red.pixel(9, 20)) - 0xcc) < 8 && qGreen(red.pixel(9, 20)) < 8);
    QVERIFY(grayOf(icon(QubeClass::App, 0), 32) != grayOf(icon(QubeClass::Disposable, 0), 32));
    QVERIFY(grayOf(icon(QubeClass::App, 0), 32) != grayOf(icon(QubeClass::Template, 0), 32));
    QVERIFY(!shapeOf(icon(QubeClass::App, 0), 16).isNull());
}

void TestLooks::stateOfAll()
{
    UiStage stage;
    stage.dom0.addUsual();
    QCOMPARE(ui::appletState(stage.model), AppletState::Busy); // not connected yet
    QVERIFY(stage.run());
    QCOMPARE(ui::appletState(stage.model), AppletState::Idle);
    const control::Request attach{control::Request::Kind::Attach, Stage::device("sys-usb", "2-1"), Stage::qube("work")};
    stage.operations.perform(attach);
    QCOMPARE(ui::appletState(stage.model), AppletState::Busy);
    EVENTUALLY(ui::appletState(stage.model) == AppletState::Attached);
    stage.dom0.scriptReply("admin.vm.device.usb.Detach", FakeDom0::exception("PermissionDenied", "no"));
    stage.operations.perform({control::Request::Kind::Detach, attach.device, {}});
    EVENTUALLY(ui::appletState(stage.model) == AppletState::Error);
    stage.operations.dismissFailure(attach.device);
    QCOMPARE(ui::appletState(stage.model), AppletState::Attached);
    stage.qubesd.stop();
    EVENTUALLY(ui::appletState(stage.model) == AppletState::Disconnected);
}

void TestLooks::toolTip()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Device device;
    device.product = "<b>&amp;</b>";
    device.attachedTo = "work";
    stage.dom0.plug("sys-usb", "3-1", device);
    QVERIFY(stage.run());
    const QString text = ui::TrayIcon::toolTip(stage.model);
    QVERIFY(text.endsWith(QStringLiteral(": attached to work")));
    QVERIFY(!text.contains(QLatin1Char('<')) && !text.contains(QLatin1Char('&')));
    stage.dom0.unplug("sys-usb", "3-1");
    EVENTUALLY(stage.model.devices().size() == 2);
    QVERIFY(ui::TrayIcon::toolTip(stage.model).startsWith(QLatin1Char('2')));
}

void TestLooks::everyReasonIsASentence()
{
    QStringList seen;
    for (int i = 0; i <= static_cast<int>(Reason::Other); ++i) {
        const Failure failure{static_cast<Reason>(i), {}};
        const QString text = ui::FailureText::reason(failure);
        QVERIFY2(text.endsWith(QLatin1Char('.')), reasonName(failure.reason));
        QVERIFY2(!seen.contains(text), reasonName(failure.reason));
        seen.append(text);
        const QString said = ui::FailureText::reason({failure.reason, PlainText::fromUntrusted(QByteArray("xyz %1"))});
        QVERIFY2(said.contains(QStringLiteral("xyz %1")), reasonName(failure.reason));
    }
}

void TestLooks::whatIsADiskIsToBeUnmounted()
{
    const auto hint = [](const char *interfaces) {
        Device row{UsbDevice{Stage::device("sys-usb", "2-1")}};
        row.usb.interfaces = *Interface::parseList(QByteArrayView(interfaces));
        row.attachedTo = Stage::qube("work");
        return ui::Wording::beforeDetach(row);
    };
    QCOMPARE(hint("u080650"), QStringLiteral("Unmount it in work first"));
    QCOMPARE(hint("u060101u080650"), QStringLiteral("Unmount it in work first")); // a camera's card
    QVERIFY(hint("u060101").isEmpty());
}

void TestLooks::untrustedTextIsNoFormat()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Device device;
    device.vendor = "%1 %2";
    device.product = "%3 %n %s";
    stage.dom0.plug("sys-usb", "3-1", device);
    QVERIFY(stage.run());
    const Device *const row = stage.row("sys-usb", "3-1");
    QCOMPARE(ui::Wording::menuRow(stage.model, *row), QStringLiteral("%3 %n %s (%1 %2) · 3-1"));
}

void TestLooks::nameThatSaysNoMoreThanTheMaker()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Device device;
    device.vendor = "Kingston Technology";
    device.product = "unknown";
    stage.dom0.plug("sys-usb", "3-1", device);
    QVERIFY(stage.run());
    const Device *const row = stage.row("sys-usb", "3-1");
    QCOMPARE(ui::Wording::menuRow(stage.model, *row), QStringLiteral("Kingston Technology · USB storage · 3-1"));
}

void TestLooks::longNamesInTheMenu()
{
    UiStage stage;
    stage.dom0.addUsual();
    FakeDom0::Device device;
    device.vendor = "Future Technology Devices International, Ltd";
    device.product = "FT232 Serial (UART) IC";
    stage.dom0.plug("sys-usb", "3-1", device);
    QVERIFY(stage.run());
    const Device *const row = stage.row("sys-usb", "3-1");
    QCOMPARE(ui::Wording::menuRow(stage.model, *row),
             QStringLiteral("FT232 Serial (UART) IC (Future Technology D… · 3-1"));
    QVERIFY(
        ui::Wording::name(stage.model, row->usb).endsWith(QStringLiteral("(Future Technology Devices International)")));
}

void TestLooks::plurals_data()
{
    QTest::addColumn<QLocale>("locale");
    QTest::addColumn<QStringList>("expected"); // for one, two and five
    QTest::newRow("en") << QLocale(QStringLiteral("en_US"))
                        << QStringList{"1 USB device, not attached", "2 USB devices, none attached",
                                       "5 USB devices, none attached"};
    QTest::newRow("de") << QLocale(QStringLiteral("de_DE"))
                        << QStringList{QStringLiteral("1 USB-Gerät, nicht angehängt"),
                                       QStringLiteral("2 USB-Geräte, keines angehängt"),
                                       QStringLiteral("5 USB-Geräte, keines angehängt")};
    QTest::newRow("fr") << QLocale(QStringLiteral("fr_CA"))
                        << QStringList{QStringLiteral("1 périphérique USB, non attaché"),
                                       QStringLiteral("2 périphériques USB, aucun attaché"),
                                       QStringLiteral("5 périphériques USB, aucun attaché")};
    QTest::newRow("pl") << QLocale(QStringLiteral("pl_PL"))
                        << QStringList{QStringLiteral("1 urządzenie USB, niepodłączone"),
                                       QStringLiteral("2 urządzenia USB, żadne niepodłączone"),
                                       QStringLiteral("5 urządzeń USB, żadne niepodłączone")};
    QTest::newRow("another") << QLocale(QStringLiteral("it_IT"))
                             << QStringList{"1 USB device, not attached", "2 USB devices, none attached",
                                            "5 USB devices, none attached"};
}

void TestLooks::plurals()
{
    QFETCH(QLocale, locale);
    QFETCH(QStringList, expected);
    const ui::Languages languages(locale);
    UiStage stage;
    stage.dom0.add("sys-usb", {});
    QVERIFY(stage.run());
    int plugged = 0;
    for (const int count : {1, 2, 5}) {
        while (plugged < count)
            stage.dom0.plug("sys-usb", "2-" + QByteArray::number(++plugged), FakeDom0::Device{});
        EVENTUALLY(stage.model.devices().size() == count);
        QCOMPARE(ui::TrayIcon::toolTip(stage.model), expected.takeFirst());
    }
}

/// Buttons and menus that are Qt's own: beside ours they must not speak English.
void TestLooks::wordsOfQt()
{
    const auto cancel = [](const QString &locale) {
        const ui::Languages languages{QLocale(locale)};
        return QCoreApplication::translate("QPlatformTheme", "Cancel");
    };
    QCOMPARE(cancel(QStringLiteral("de_DE")), QStringLiteral("Abbrechen"));
    QCOMPARE(cancel(QStringLiteral("es_ES")), QStringLiteral("Cancel")); // as all the rest is in English then
}

void TestLooks::commandLine_data()
{
    using Asked = ui::CommandLine::Asked;
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("asked");
    QTest::newRow("nothing") << QStringList{} << static_cast<int>(Asked::Run);
    QTest::newRow("socket") << QStringList{"--socket", "/x"} << static_cast<int>(Asked::Run);
    QTest::newRow("qrexec") << QStringList{"--transport=qrexec"} << static_cast<int>(Asked::Run);
    QTest::newRow("help") << QStringList{"-h"} << static_cast<int>(Asked::Help);
    QTest::newRow("version") << QStringList{"--version"} << static_cast<int>(Asked::Version);
    QTest::newRow("unknown option") << QStringList{"--frobnicate"} << static_cast<int>(Asked::Nonsense);
    QTest::newRow("unknown transport") << QStringList{"--transport", "tcp"} << static_cast<int>(Asked::Nonsense);
    QTest::newRow("argument") << QStringList{"sys-usb"} << static_cast<int>(Asked::Nonsense);
}

void TestLooks::commandLine()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, asked);
    const auto line = ui::CommandLine::parse(QStringList{"qubes-usb-applet"} + arguments);
    QCOMPARE(static_cast<int>(line.asked), asked);
    QCOMPARE(line.text().isEmpty(), line.asked == ui::CommandLine::Asked::Run);
    if (arguments.contains("--socket")) {
        QCOMPARE(line.socketPath, QStringLiteral("/x"));
        QCOMPARE(line.detected(), ui::CommandLine::Transport::Qubesd);
    }
    if (arguments.contains("--transport=qrexec"))
        QCOMPARE(line.detected(), ui::CommandLine::Transport::Qrexec);
}

QTEST_MAIN(TestLooks)
#include "tst_looks.moc"
