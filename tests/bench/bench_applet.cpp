// SPDX-License-Identifier: GPL-2.0-or-later
// 200 qubes and 300 devices: how long the applet takes to start and to open its menu, what that costs in memory, and
// how long its thread is away. Each is compared with the plain way of doing it, in the same run on the same machine.
//
//     bench_applet                              without a screen
//     xvfb-run dbus-run-session bench_applet -platform xcb       and the menu as a panel gets it
#include "bench_server.h"
#include "fakepanel.h"
#include "uistage.h"

#include "qubes/qubesdtransport.h"
#include "ui/appletwindow.h"
#include "ui/trayicon.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTimer>

#include <cstdio>
#include <unistd.h>

using bench::Server;
using testing::UiStage;

namespace {

constexpr int callsPerQubeToday = 14; // of the widget that this applet replaces, one after the other
constexpr int repeats = 5;

double megabytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const double pages = file.readAll().split(' ').value(1).toDouble();
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576;
}

/// The longest time in which the event loop did not come round.
class Heartbeat
{
public:
    Heartbeat()
    {
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer,
                         [this] { m_longest = std::max(m_longest, m_clock.restart()); });
        m_timer.setTimerType(Qt::PreciseTimer);
        m_clock.start();
        m_timer.start(1);
    }
    qint64 longest() const { return std::max(m_longest, m_clock.elapsed()); }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    qint64 m_longest = 0;
};

template <typename Do>
qint64 timeOf(Do what)
{
    QElapsedTimer clock;
    clock.start();
    what();
    return clock.elapsed();
}

void compare(const char *what, double ours, double theirs, const char *unit, const char *with)
{
    std::printf("%-34s %8.1f %-2s   %8.1f %-2s %-44s ratio %.3f\n", what, ours, unit, theirs, unit, with,
                theirs > 0 ? ours / theirs : 0);
}

/// All calls of today's widget at its start.
qint64 oneAfterTheOther(const QString &socket, int qubes)
{
    qubes::QubesdTransport transport(socket);
    qubes::CallQueue calls(&transport, {1, 1, 1 << 20});
    const int all = qubes * callsPerQubeToday;
    int answered = 0;
    return timeOf([&] {
        for (int i = 0; i < all; ++i)
            calls.call(qubes::Request{"admin.vm.feature.Get", "internal", testing::Stage::qube("qube1")},
                       qubes::CallQueue::Lane::Quick, std::chrono::minutes(1),
                       [&](const model::Result<QByteArray> &) { ++answered; });
        testing::eventually([&] { return answered == all; });
    });
}

void popUp(QMenu *menu)
{
    menu->popup(QPoint(0, 0));
    testing::eventually([&] { return menu->isVisible(); });
    menu->grab(); // painted
    menu->close();
    QCoreApplication::processEvents();
}

/// The plain way: a submenu per device with all qubes in it.
class PlainMenu
{
public:
    explicit PlainMenu(const model::DeviceModel &model)
    {
        for (const model::DeviceKey &key : model.devices()) {
            QMenu *const row = m_menu.addMenu(key.toString());
            for (const model::Target &target : model.targets(key))
                row->addAction(target.qube.toString());
        }
    }
    QMenu *menu() { return &m_menu; }

private:
    QMenu m_menu;
};

void measureMenu(UiStage &stage)
{
    const double before = megabytes();
    std::unique_ptr<ui::AppletMenu> menu;
    const qint64 made = timeOf([&] { menu = std::make_unique<ui::AppletMenu>(stage.context()); });
    const qint64 first = timeOf([&] { popUp(menu->menu()); });
    const double grown = megabytes() - before;
    qint64 again = 0;
    for (int i = 0; i < repeats; ++i)
        again += timeOf([&] { popUp(menu->menu()); });
    const double beforePlain = megabytes();
    std::unique_ptr<PlainMenu> plain;
    const qint64 plainFirst = timeOf([&] {
        plain = std::make_unique<PlainMenu>(stage.model);
        popUp(plain->menu());
    });
    const double plainGrown = megabytes() - beforePlain;
    compare("menu: made and opened", static_cast<double>(made + first), static_cast<double>(plainFirst), "ms",
            "all qubes below each device");
    compare("menu: memory", grown, plainGrown, "MB", "all qubes below each device");
    compare("menu: opened again, mean", static_cast<double>(again) / repeats, static_cast<double>(first), "ms",
            "the first time");
    QMenu *const row = UiStage::find(menu->menu(), QStringLiteral(" 1-7"))->menu();
    compare("menu: one device opened", static_cast<double>(timeOf([&] { popUp(row); })), static_cast<double>(first),
            "ms", "the whole menu");
}

void measurePanel(UiStage &stage)
{
    ui::AppletMenu menu(stage.context(ui::DrawnBy::Panel));
    PlainMenu plain(stage.model);
    bench::FetchedMenu fetched[2];
    qsizetype icons = 0;
    for (QMenu *const one : {menu.menu(), plain.menu()}) {
        QSystemTrayIcon icon(stage.icons.tray(ui::AppletState::Idle));
        icon.setContextMenu(one);
        icon.show();
        fetched[icons] = bench::fetchMenu(icons);
        ++icons;
    }
    const char *const with = "all qubes below each device";
    compare("panel: menu fetched over D-Bus", static_cast<double>(fetched[0].ms), static_cast<double>(fetched[1].ms),
            "ms", with);
    compare("panel: entries in it", fetched[0].entries, fetched[1].entries, "", with);
    compare("panel: size of it", static_cast<double>(fetched[0].bytes) / 1024,
            static_cast<double>(fetched[1].bytes) / 1024, "KB", with);
}

/// One backend with ever more devices, with window and menu: what each of them costs must not grow with the others.
void measureGrowth()
{
    double firstEach[2] = {};
    for (const int devices : {300, 1000, 3000}) {
        const Server server({13, 1, devices});
        testing::Stage::Options options;
        options.socketPath = server.socketPath();
        UiStage stage(options);
        const ui::AppletMenu menu(stage.context());
        ui::ActivityLog log(&stage.model);
        const ui::AppletWindow window(&stage.model, &stage.operations, &stage.icons, &stage.settings, &log);
        int readings = 0;
        QObject::connect(&stage.model, &model::DeviceModel::synced, &stage.model, [&readings] { ++readings; });
        const qint64 start = timeOf([&] {
            stage.model.start();
            testing::eventually([&] { return stage.model.isReady(); });
        });
        const qint64 again = timeOf([&] {
            readings = 0;
            stage.model.refresh();
            testing::eventually([&] { return readings > 0 && stage.model.isReady(); });
        });
        int which = 0;
        for (const auto &[what, took] : {std::pair("until all is read", start), std::pair("read again", again)}) {
            const double each = static_cast<double>(took) / devices;
            double &first = firstEach[which++];
            first = first > 0 ? first : each;
            std::printf("%4d devices: %-20s %8lld ms   %8.3f ms each %30s ratio %.3f\n", devices, what,
                        static_cast<long long>(took), each, "to those of 300", each / first);
        }
    }
}

int measure(const bench::Size &size)
{
    const Server server(size);
    if (server.socketPath().isEmpty()) {
        std::fprintf(stderr, "the fake qubesd does not start\n");
        return 1;
    }
    std::printf("%d qubes, %d devices; in the middle what it is compared with\n", size.qubes + size.backends,
                size.backends * size.devicesEach);
    const double before = megabytes();
    const Heartbeat heartbeat;
    testing::Stage::Options options;
    options.socketPath = server.socketPath();
    UiStage stage(options);
    const qint64 ready = timeOf([&] {
        stage.model.start();
        testing::eventually([&] { return stage.model.isReady(); });
    });
    const qint64 pause = heartbeat.longest();
    compare("start: until all is read", static_cast<double>(ready),
            static_cast<double>(oneAfterTheOther(server.socketPath(), size.qubes + size.backends)), "ms",
            "14 calls per qube, one after the other");
    std::printf("%-34s %8lld ms\n", "start: longest pause of the thread", static_cast<long long>(pause));
    std::printf("%-34s %8.1f MB\n", "start: memory", megabytes() - before);
    measureMenu(stage);
    ui::ActivityLog log(&stage.model);
    ui::AppletWindow window(&stage.model, &stage.operations, &stage.icons, &stage.settings, &log);
    const qint64 opened = timeOf([&] {
        window.open(ui::AppletWindow::Manner::Window);
        testing::eventually([&] { return window.isVisible(); });
        window.grab();
    });
    std::printf("%-34s %8lld ms\n", "window: opened", static_cast<long long>(opened));
    if (QGuiApplication::platformName() == QLatin1String("xcb"))
        measurePanel(stage);
    measureGrowth();
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    const QStringList arguments(argv + 1, argv + argc);
    if (arguments.value(0) == QLatin1String("--serve")) {
        const QCoreApplication application(argc, argv);
        return bench::serve({arguments.value(1).toInt(), arguments.value(2).toInt(), arguments.value(3).toInt()});
    }
    if (!qEnvironmentVariableIsSet("DISPLAY") && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    return measure({});
}
