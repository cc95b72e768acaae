// SPDX-License-Identifier: GPL-2.0-or-later
#include "trayicon.h"

#include "wording.h"

namespace ui {

namespace {

constexpr int toolTipDevices = 8;

} // namespace

TrayIcon::TrayIcon(model::DeviceModel *model, Icons *icons, memory::Settings *settings, AppletMenu *menu,
                   QObject *parent)
    : QObject(parent)
    , m_model(model)
    , m_icons(icons)
    , m_settings(settings)
{
    m_updateTimer.setSingleShot(true);
    m_updateTimer.setInterval(0);
    connect(&m_updateTimer, &QTimer::timeout, this, &TrayIcon::update);
    const auto later = [this] { m_updateTimer.start(); };
    connect(model, &model::DeviceModel::connectionChanged, this, later);
    connect(model, &model::DeviceModel::deviceAdded, this, later);
    connect(model, &model::DeviceModel::deviceChanged, this, later);
    connect(model, &model::DeviceModel::deviceRemoved, this, later);
    connect(&m_icon, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger && m_settings->leftClickOpensMenu())
            Q_EMIT menuRequested();
        else if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::MiddleClick)
            Q_EMIT windowRequested();
    });
    m_icon.setContextMenu(menu->menu());
    update();
    m_icon.show();
}

TrayIcon::~TrayIcon() = default;

void TrayIcon::update()
{
    const auto now = std::pair(appletState(*m_model), attachedCount(*m_model));
    if (m_shown != now) {
        m_shown = now;
        m_icon.setIcon(m_icons->tray(now.first, now.second));
    }
    const QString text = toolTip(*m_model);
    if (m_icon.toolTip() != text)
        m_icon.setToolTip(text);
}

QString TrayIcon::toolTip(const model::DeviceModel &model)
{
    if (model.connection() == model::Connection::Disconnected)
        return Wording::connection(model.connection());
    QStringList lines;
    int more = 0;
    for (const model::DeviceKey &key : model.devices()) {
        const model::Device *const device = model.device(key);
        if (device->state == model::DeviceState::Free)
            continue;
        if (lines.size() == toolTipDevices)
            ++more;
        else
            lines.append(QStringLiteral("%1: %2").arg(Wording::uniqueName(model, *device), Wording::state(*device)));
    }
    if (more > 0)
        lines.append(tr("%n more", nullptr, more));
    if (lines.isEmpty())
        lines.append(tr("%n USB device(s), none attached", nullptr, static_cast<int>(model.devices().size())));
    // Panels read markup here, in whatever form; without these it is plain for all of them.
    return lines.join(QLatin1Char('\n'))
        .replace(QLatin1Char('<'), QChar(0x2039))
        .replace(QLatin1Char('>'), QChar(0x203a))
        .replace(QLatin1Char('&'), QLatin1Char('+'));
}

} // namespace ui
