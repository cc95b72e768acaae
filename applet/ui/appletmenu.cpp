// SPDX-License-Identifier: GPL-2.0-or-later
#include "appletmenu.h"

#include "actionlist.h"
#include "wording.h"

#include <utility>

namespace ui {

using model::DeviceKey;
using model::DeviceModel;
using model::QubeName;

namespace {

/// So many devices have their submenus before a panel opens the menu; some ask for all of it and never tell that they
/// open it, and the panel of Xfce gives no more room to a submenu that grows while it opens. Each takes a dozen entries
/// and about as many milliseconds: the devices beyond lead to the chooser.
constexpr qsizetype filledAhead = 250;

} // namespace

AppletMenu::AppletMenu(const MenuContext &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_connection(new QAction(this))
    , m_nothing(new QAction(m_context.text(tr("No USB devices")), this))
    , m_end(new QAction(this))
    , m_window(entry(tr("Show window"), m_context.symbol("window-new", "symbol-window")))
    , m_settings(entry(tr("Settings…"), m_context.symbol("preferences-system", "symbol-settings")))
    , m_about(entry(tr("About"), m_context.symbol("help-about", "symbol-about")))
    , m_quit(entry(tr("Quit"), m_context.symbol("application-exit", "symbol-quit")))
{
    m_connection->setEnabled(false);
    m_connection->setIcon(m_context.symbol("dialog-warning", "symbol-warning"));
    m_nothing->setEnabled(false);
    m_end->setSeparator(true);
    m_detachAll.setTitle(m_context.text(tr("Detach all from")));
    m_detachAll.setIcon(m_context.symbol("", "symbol-detach"));
    m_filledTimer.setSingleShot(true);
    m_filledTimer.setInterval(0); // many rows change at a time; their submenus are looked at once
    connect(&m_filledTimer, &QTimer::timeout, this, &AppletMenu::updateFilled);

    m_fillTimer.setSingleShot(true);
    m_fillTimer.setInterval(0);
    connect(&m_fillTimer, &QTimer::timeout, this, &AppletMenu::fillNext);

    connect(m_window, &QAction::triggered, this, &AppletMenu::windowRequested);
    connect(m_settings, &QAction::triggered, this, &AppletMenu::settingsRequested);
    connect(m_about, &QAction::triggered, this, &AppletMenu::aboutRequested);
    connect(m_quit, &QAction::triggered, this, &AppletMenu::quitRequested);
    connect(&m_menu, &QMenu::aboutToShow, this, &AppletMenu::onAboutToShow);

    DeviceModel *const model = m_context.model;
    connect(model, &DeviceModel::connectionChanged, this, &AppletMenu::updateConnection);
    connect(model, &DeviceModel::readyChanged, this, &AppletMenu::updateSections);
    connect(model, &DeviceModel::backendsChanged, this, &AppletMenu::updateSections);
    connect(model, &DeviceModel::backendChanged, this, &AppletMenu::updateSection);
    connect(model, &DeviceModel::deviceAdded, this, [this](const DeviceKey &key) { m_stale.insert(key.backend); });
    connect(model, &DeviceModel::deviceRemoved, this, [this](const model::Device &last) {
        // At once: another one may be in its place.
        if (BackendSection *const section = m_sections.value(last.key().backend))
            section->removeDevice(last.key());
        m_stale.insert(last.key().backend);
        m_shownNews.removeOne(last.key());
    });
    connect(model, &DeviceModel::synced, this, [this] {
        if (!std::exchange(m_stale, {}).isEmpty())
            updateSections();
        else
            updateDetachAll();
    });
    connect(model, &DeviceModel::deviceChanged, this, [this](const DeviceKey &key) {
        if (BackendSection *const section = m_sections.value(key.backend))
            section->updateDevice(key);
    });
    const auto qubesChanged = [this] { m_filledTimer.start(); };
    connect(model, &DeviceModel::qubeAdded, this, qubesChanged);
    connect(model, &DeviceModel::qubeChanged, this, qubesChanged);
    connect(model, &DeviceModel::qubeRemoved, this, qubesChanged);
    connect(m_context.operations, &control::Operations::suggestionsChanged, this, qubesChanged);
    control::News *const news = m_context.operations->news();
    connect(news, &control::News::seen, this, [this](const QList<DeviceKey> &keys) {
        for (const DeviceKey &key : keys) {
            if (BackendSection *const section = m_sections.value(key.backend))
                section->updateDevice(key);
        }
        updateSections();
    });
    // The click that closes it is told after that, and must find what it was made on.
    connect(
        &m_menu, &QMenu::aboutToHide, news, [news] { news->markSeen(); }, Qt::QueuedConnection);
    updateConnection();
    updateSections();
}

AppletMenu::~AppletMenu() = default;

QAction *AppletMenu::entry(const QString &plain, const QIcon &icon)
{
    return new QAction(icon, m_context.text(plain), this);
}

void AppletMenu::onAboutToShow()
{
    // Not every panel tells that the menu has closed: what was in it the last time has been seen by now.
    control::News *const news = m_context.operations->news();
    news->markSeen(std::exchange(m_shownNews, {}));
    m_shownNews = news->keys();
    m_context.model->lookIfOld();
}

void AppletMenu::fillNext()
{
    qsizetype rest = filledAhead;
    for (const BackendSection *const section : std::as_const(m_sections)) {
        for (DeviceMenu *const device : section->devices()) {
            if (rest-- <= 0)
                return;
            if (!device->isFilled()) {
                device->fill();
                m_fillTimer.start(); // the next one when all that waits has had its turn
                return;
            }
        }
    }
}

void AppletMenu::updateConnection()
{
    const model::Connection connection = m_context.model->connection();
    m_connection->setText(m_context.text(Wording::connection(connection)));
    m_connection->setVisible(connection != model::Connection::Connected);
    updateSections();
}

void AppletMenu::updateSections()
{
    const QList<QubeName> backends = m_context.model->backends();
    for (const QubeName &backend : backends) {
        if (!m_sections.contains(backend))
            m_sections.insert(backend, new BackendSection(m_context, backend, this));
        else
            m_sections.value(backend)->update();
    }
    QList<QAction *> wanted{m_connection};
    for (auto it = m_sections.begin(); it != m_sections.end();) {
        if (!backends.contains(it.key())) {
            it.value()->deleteLater();
            it = m_sections.erase(it);
            continue;
        }
        wanted << it.value()->actions();
        ++it;
    }
    m_nothing->setVisible(backends.isEmpty() && m_context.model->isReady());
    wanted << m_nothing << m_end << m_detachAll.menuAction() << m_window << m_settings << m_about << m_quit;
    arrangeActions(&m_menu, wanted);
    updateDetachAll();
    if (m_context.drawnBy == DrawnBy::Panel) // Qt tells of each submenu that opens
        m_fillTimer.start();
}

void AppletMenu::updateSection(const QubeName &backend)
{
    BackendSection *const section = m_sections.value(backend);
    if (!section || section->update())
        updateSections();
}

void AppletMenu::updateFilled()
{
    for (BackendSection *const section : std::as_const(m_sections)) {
        section->update();
        for (DeviceMenu *const device : section->devices())
            device->update();
    }
}

void AppletMenu::updateDetachAll()
{
    QMap<QString, std::optional<QubeName>> holders;
    for (const DeviceKey &key : m_context.model->devices()) {
        const model::Device *const device = m_context.model->device(key);
        if (device->attachedTo)
            holders.insert(device->attachedTo->toString(), device->attachedTo);
    }
    m_detachAll.menuAction()->setVisible(!holders.isEmpty());
    if (holders.size() > 1)
        holders.insert(QString(), std::nullopt);
    QList<QAction *> wanted;
    for (auto it = holders.cbegin(); it != holders.cend(); ++it) {
        QAction *&action = m_detachActions[it.key()];
        if (!action) {
            action = new QAction(m_context.text(it.key().isEmpty() ? tr("All qubes") : it.key()), this);
            connect(action, &QAction::triggered, this,
                    [this, qube = it.value()] { m_context.operations->detachAll(qube); });
        }
        if (it.value())
            setIconOf(action, m_context.qubeIcon(*it.value()));
        wanted.append(action);
    }
    arrangeActions(&m_detachAll, wanted);
    m_detachActions.removeIf([&](const auto &entry) {
        if (wanted.contains(entry.value()))
            return false;
        entry.value()->deleteLater();
        return true;
    });
}

} // namespace ui
