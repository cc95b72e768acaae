// SPDX-License-Identifier: GPL-2.0-or-later
#include "application.h"

#include "qubes/qrexectransport.h"
#include "qubes/qubesdtransport.h"
#include "ui/aboutdialog.h"
#include "ui/confirmation.h"
#include "ui/qubechooser.h"
#include "ui/rulesdialog.h"
#include "ui/settingsdialog.h"

#include <QApplication>
#include <QCursor>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

using model::DeviceModel;
using ui::TrayWatch;

namespace {

std::unique_ptr<qubes::Transport> makeTransport(const ui::CommandLine &options)
{
    if (options.detected() == ui::CommandLine::Transport::Qrexec)
        return std::make_unique<qubes::QrexecTransport>(options.qrexecClient);
    return std::make_unique<qubes::QubesdTransport>(options.socketPath);
}

/// How a click elsewhere lets us raise our window (xdg-activation, startup notification).
void useToken(const QString &token)
{
    if (!token.isEmpty())
        qputenv("XDG_ACTIVATION_TOKEN", token.toUtf8());
}

void bringUp(QWidget *window)
{
    window->show();
    window->raise();
    window->activateWindow();
}

} // namespace

Application::Application(const ui::CommandLine &options)
    : m_options(options)
    , m_bus(QDBusConnection::sessionBus())
    , m_client(makeTransport(options), {})
    , m_model(&m_client, &m_names, {})
    , m_operations(&m_model, &m_settings)
    , m_journal(&m_model)
    , m_log(&m_model)
    , m_service(m_bus, &m_model, &m_operations, QApplication::applicationVersion())
    , m_notifications(m_bus, QStringLiteral("Qubes USB"))
    , m_notifier(&m_model, &m_operations, &m_settings, &m_notifications, {})
    , m_window(&m_model, &m_operations, &m_icons, &m_settings, &m_log)
    , m_trayWatch(m_bus, {})
{
    connectParts();
}

Application::~Application() = default;

void Application::connectParts()
{
    connect(&m_service, &dbus::Service::windowRequested, this, [this] { showWindow(); });
    connect(&m_notifier, &ui::Notifier::showRequested, this,
            [this](const std::optional<model::DeviceKey> &device, const QString &token) {
                useToken(token);
                showWindow(device);
            });
    connect(&m_notifier, &ui::Notifier::chooserRequested, this,
            [this](const model::DeviceChoice &choice, const QString &token) {
                useToken(token);
                showChooser(choice);
            });
    connect(&m_operations, &control::Operations::confirmationNeeded, this, &Application::confirm);
    connect(&m_operations, &control::Operations::showRequested, this,
            [this](const model::DeviceKey &key) { showWindow(key); });
    connect(&m_operations, &control::Operations::chooserRequested, this, &Application::showChooser);
    connect(&m_operations, &control::Operations::rulesRequested, this, &Application::showRules);
    connect(&m_window, &ui::AppletWindow::settingsRequested, this, &Application::showSettings);
    connect(&m_window, &ui::AppletWindow::aboutRequested, this, &Application::showAbout);
    connect(&m_window, &ui::AppletWindow::quitRequested, qApp, &QApplication::quit);
    connect(&m_window, &ui::AppletWindow::closed, this, &Application::onWindowClosed);
    connect(&m_trayWatch, &TrayWatch::found, this, &Application::onTrayFound);
    connect(&m_trayWatch, &TrayWatch::nothingFound, this, &Application::onNoTray);
    connect(&m_model, &DeviceModel::backendsChanged, this, &Application::rememberBackends);
    connect(&m_model, &DeviceModel::readyChanged, this, &Application::rememberBackends);
}

void Application::start()
{
    // Without a bus there is no second instance to be found, no notifications and no tray, but a window.
    m_canBeCalled = m_service.publish();
    if (!m_canBeCalled && m_bus.isConnected()) {
        letOtherShow();
        return;
    }
    m_model.setRememberedBackends(m_settings.backends());
    m_model.start();
    m_trayWatch.start();
    if (m_options.window)
        showWindow();
}

void Application::letOtherShow()
{
    if (m_options.background) {
        QMetaObject::invokeMethod(qApp, "quit", Qt::QueuedConnection); // the event loop is not running yet
        return;
    }
    const QDBusMessage show = QDBusMessage::createMethodCall(dbus::Service::name, dbus::Service::path,
                                                             dbus::Service::name, QStringLiteral("ShowWindow"));
    auto *const call = new QDBusPendingCallWatcher(m_bus.asyncCall(show), this);
    connect(call, &QDBusPendingCallWatcher::finished, this, [call] {
        const QDBusPendingReply<> reply = *call;
        if (reply.isError())
            qWarning("The other instance does not answer: %s", qUtf8Printable(reply.error().message()));
        QApplication::exit(reply.isError() ? 1 : 0);
    });
}

void Application::onTrayFound(TrayWatch::Kind kind)
{
    const ui::DrawnBy drawnBy = kind == TrayWatch::Kind::StatusNotifier ? ui::DrawnBy::Panel : ui::DrawnBy::Qt;
    m_menu = std::make_unique<ui::AppletMenu>(ui::MenuContext{&m_model, &m_operations, &m_icons, drawnBy});
    connectMenu(m_menu.get());
    m_tray = std::make_unique<ui::TrayIcon>(&m_model, &m_icons, &m_settings, m_menu.get());
    connect(m_tray.get(), &ui::TrayIcon::windowRequested, this, [this] { m_window.toggleAt(QCursor::pos()); });
    connect(m_tray.get(), &ui::TrayIcon::menuRequested, this, &Application::showMenu);
    if (std::exchange(m_windowInsteadOfTray, false))
        m_window.hide();
}

void Application::onNoTray()
{
    if (!m_window.isVisible()) {
        m_windowInsteadOfTray = true;
        showWindow();
    }
}

void Application::connectMenu(ui::AppletMenu *menu)
{
    connect(menu, &ui::AppletMenu::windowRequested, this, [this] { showWindow(); });
    connect(menu, &ui::AppletMenu::settingsRequested, this, &Application::showSettings);
    connect(menu, &ui::AppletMenu::aboutRequested, this, &Application::showAbout);
    connect(menu, &ui::AppletMenu::quitRequested, qApp, &QApplication::quit);
}

void Application::showWindow(const std::optional<model::DeviceKey> &device)
{
    m_window.open(ui::AppletWindow::Manner::Window);
    if (device)
        m_window.showDevice(*device);
}

void Application::showMenu()
{
    if (!m_popupMenu) {
        m_popupMenu = std::make_unique<ui::AppletMenu>(windowContext());
        connectMenu(m_popupMenu.get());
    }
    m_popupMenu->menu()->popup(QCursor::pos());
}

QWidget *Application::windowInSight()
{
    return m_window.isVisible() && !m_window.isMinimized() ? &m_window : nullptr;
}

void Application::showSettings()
{
    if (!m_settingsDialog)
        m_settingsDialog = new ui::SettingsDialog(&m_settings, ui::Autostart(), windowInSight());
    bringUp(m_settingsDialog);
}

void Application::showAbout()
{
    if (!m_aboutDialog)
        m_aboutDialog = new ui::AboutDialog(m_model.connection(), m_model.generation(), windowInSight());
    bringUp(m_aboutDialog);
}

template <typename Dialog>
void Application::showDialog(const model::DeviceChoice &choice, QPointer<QDialog> &last)
{
    if (!m_model.device(choice.key))
        return; // it went meanwhile
    if (last)
        last->close();
    last = new Dialog(windowContext(), choice, windowInSight());
    bringUp(last);
}

void Application::showChooser(const model::DeviceChoice &choice)
{
    showDialog<ui::QubeChooser>(choice, m_chooser);
}

void Application::showRules(const model::DeviceChoice &choice)
{
    showDialog<ui::RulesDialog>(choice, m_rules);
}

void Application::confirm(const control::Request &request)
{
    auto *const question = new ui::Confirmation(m_model, request, m_operations.questions(request), windowInSight());
    connect(question, &ui::Confirmation::confirmed, &m_operations,
            [this](const control::Request &confirmed) { m_operations.performConfirmed(confirmed); });
    bringUp(question);
}

void Application::onWindowClosed()
{
    m_windowInsteadOfTray = false;
    // Notifications and D-Bus stay, and who starts it again sees the window again. Without a bus nobody could.
    if (!m_tray && !m_canBeCalled)
        QApplication::quit();
}

void Application::rememberBackends()
{
    if (!m_model.isReady())
        return;
    const QList<model::QubeName> before = m_settings.backends();
    QList<model::QubeName> backends = before;
    backends.removeIf([this](const model::QubeName &name) { return !m_model.qube(name); });
    for (const model::QubeName &name : m_model.backends()) {
        if (!name.isDom0() && !backends.contains(name) && !m_model.devicesOf(name).isEmpty())
            backends.append(name);
    }
    if (backends == before)
        return;
    m_settings.setBackends(backends);
    m_model.setRememberedBackends(backends);
}
