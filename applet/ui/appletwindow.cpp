// SPDX-License-Identifier: GPL-2.0-or-later
#include "appletwindow.h"

#include "popover.h"
#include "wording.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScopedValueRollback>
#include <QScreen>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QVBoxLayout>
#include <QWindow>

namespace ui {

using model::DeviceKey;
using model::DeviceModel;

namespace {

constexpr QSize usualSize(460, 600);
/// A title bar is about so high.
constexpr QSize titleBar(0, 40);
constexpr qint64 toggleMs = 400;
/// On its way from one of our windows to another, the focus is nowhere for a moment.
constexpr int leftMs = 120;

void dress(const QIcon &icon, const QString &name, QToolButton *button)
{
    button->setIcon(icon);
    button->setAutoRaise(true);
    button->setToolTip(name);
    button->setAccessibleName(name);
}

} // namespace

AppletWindow::AppletWindow(DeviceModel *model, control::Operations *operations, Icons *icons,
                           memory::Settings *settings, ActivityLog *log)
    : m_model(model)
    , m_operations(operations)
    , m_icons(icons)
    , m_settings(settings)
    , m_rows(model, operations, icons)
{
    setWindowTitle(tr("USB devices"));
    setWindowIcon(Icons::application());
    m_filter.setSourceModel(&m_rows);
    m_log = new LogView(log, this);
    build();
    addShortcuts();
    resize(usualSize.boundedTo(screen()->availableSize() - titleBar));

    m_leftTimer.setSingleShot(true);
    m_leftTimer.setInterval(leftMs);
    connect(&m_leftTimer, &QTimer::timeout, this, &AppletWindow::closeIfLeft);
    connect(qApp, &QGuiApplication::focusWindowChanged, &m_leftTimer, qOverload<>(&QTimer::start));

    const auto refresh = [this] { updateState(); };
    connect(model, &DeviceModel::connectionChanged, this, refresh);
    connect(model, &DeviceModel::readyChanged, this, refresh);
    connect(model, &DeviceModel::backendsChanged, this, refresh);
    const auto changed = [this](const DeviceKey &key) {
        if (key == currentKey())
            m_details->update();
        if (m_rowMenu && m_rowMenu->key() == key)
            m_rowMenu->update();
    };
    connect(model, &DeviceModel::deviceChanged, this, changed);
    connect(model, &DeviceModel::deviceRemoved, this, [this](const model::Device &last) {
        if (m_rowMenu && m_rowMenu->key() == last.key())
            m_rowMenu->menu()->close();
    });
    connect(settings, &memory::Settings::changed, m_list->viewport(), qOverload<>(&QWidget::update));
    updateState();
}

AppletWindow::~AppletWindow() = default;

QToolButton *AppletWindow::makeMore()
{
    auto *const button = new QToolButton(this);
    dress(m_icons->symbol(QStringLiteral("open-menu"), QStringLiteral("symbol-settings"), Icons::Form::Named),
          tr("More"), button);
    button->setPopupMode(QToolButton::InstantPopup);
    auto *const menu = new QMenu(button);
    const auto add = [&](const QString &text, const QKeySequence &keys, auto &&slot) {
        QAction *const action = menu->addAction(text);
        action->setShortcut(keys);
        connect(action, &QAction::triggered, this, slot);
        addAction(action);
    };
    add(tr("Refresh"), QKeySequence::Refresh, [this] { m_model->refresh(); });
    add(tr("Copy details"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), [this] { copyDetails(); });
    menu->addSeparator();
    add(tr("Settings…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { Q_EMIT settingsRequested(); });
    add(tr("About"), {}, [this] { Q_EMIT aboutRequested(); });
    menu->addSeparator();
    // Not QKeySequence::Quit, which is no key at all on desktops that are neither KDE nor GNOME.
    add(tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { Q_EMIT quitRequested(); });
    button->setMenu(menu);
    return button;
}

void AppletWindow::build()
{
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search devices"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filter.setSearch(text);
        m_list->selectFirst();
        updateState();
    });
    m_logButton = new QToolButton(this);
    dress(m_icons->symbol(QStringLiteral("document-open-recent"), QStringLiteral("symbol-log"), Icons::Form::Named),
          tr("Activity"), m_logButton);
    m_logButton->setCheckable(true);
    m_logButton->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_L));
    connect(m_logButton, &QToolButton::toggled, this, [this](bool on) {
        m_pages->setCurrentIndex(on ? 1 : 0);
        (on ? static_cast<QWidget *>(m_log) : m_search)->setFocus();
    });
    auto *const top = new QHBoxLayout;
    top->addWidget(m_search);
    top->addWidget(m_logButton);
    top->addWidget(makeMore());

    m_status = new QLabel(this);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setWordWrap(true);
    m_empty = new QLabel(this);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setTextFormat(Qt::PlainText);

    m_list = new DeviceList(&m_filter, this);
    m_list->installEventFilter(this);
    connect(m_list, &DeviceList::buttonClicked, this, &AppletWindow::activateRow);
    connect(m_list, &DeviceList::menuRequested, this, &AppletWindow::openRowMenu);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &AppletWindow::onCurrentChanged);

    m_details = new DetailsPane(m_model, m_operations, this);
    auto *const detailsSide = new QScrollArea(this);
    detailsSide->setWidget(m_details);
    detailsSide->setWidgetResizable(true);
    detailsSide->setFrameShape(QFrame::NoFrame);
    detailsSide->setFocusPolicy(Qt::NoFocus);
    auto *const splitter = new QSplitter(Qt::Vertical, this);
    auto *const listSide = new QWidget(splitter);
    auto *const listColumn = new QVBoxLayout(listSide);
    listColumn->setContentsMargins(0, 0, 0, 0);
    listColumn->addWidget(m_empty);
    listColumn->addWidget(m_list, 1);
    splitter->addWidget(listSide);
    splitter->addWidget(detailsSide);
    splitter->setSizes({380, 170});
    splitter->setStretchFactor(0, 1);
    splitter->setCollapsible(0, false);

    m_pages = new QStackedWidget(this);
    m_pages->addWidget(splitter);
    m_pages->addWidget(m_log);
    auto *const column = new QVBoxLayout(this);
    column->addLayout(top);
    column->addWidget(m_status);
    column->addWidget(m_pages, 1);
}

void AppletWindow::addShortcuts()
{
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, m_search,
            [this] { m_search->setFocus(Qt::ShortcutFocusReason); });
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this, [this] {
        if (m_logButton->isChecked())
            m_logButton->setChecked(false);
        else if (!m_search->text().isEmpty())
            m_search->clear();
        else
            close();
    });
}

bool AppletWindow::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    auto *const key = static_cast<QKeyEvent *>(event);
    const bool inSearch = watched == m_search;
    switch (key->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        if (inSearch) {
            m_list->setFocus(Qt::OtherFocusReason);
            QApplication::sendEvent(m_list, event);
            return true;
        }
        return false;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (key->isAutoRepeat())
            return true;
        // What was found is not always what was looked for: a second key says what is to be done with it.
        if (inSearch && currentKey())
            openRowMenu(m_list->currentIndex(), m_list->belowRow(m_list->currentIndex()));
        else
            activateRow(m_list->currentIndex());
        return true;
    case Qt::Key_Menu:
    case Qt::Key_Right:
        if (!inSearch && m_list->currentIndex().isValid()) {
            openRowMenu(m_list->currentIndex(), m_list->belowRow(m_list->currentIndex()));
            return true;
        }
        return false;
    default:
        break;
    }
    // What is typed over the list is searched for.
    const QString text = key->text();
    if (!inSearch && !text.isEmpty() && text.at(0).isPrint() && text != QLatin1String(" ") &&
        !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier))) {
        m_search->setFocus(Qt::OtherFocusReason);
        QApplication::sendEvent(m_search, event);
        return true;
    }
    return false;
}

std::optional<DeviceKey> AppletWindow::currentKey() const
{
    return DeviceRows::keyOf(m_list->currentIndex());
}

void AppletWindow::onCurrentChanged()
{
    m_details->setDevice(currentKey());
}

void AppletWindow::activateRow(const QModelIndex &index)
{
    const auto key = DeviceRows::keyOf(index);
    if (!key) {
        const auto backend = DeviceRows::backendOf(index);
        if (backend && m_model->backendStatus(*backend).kind == model::BackendStatus::Kind::Halted)
            m_operations->startQube(*backend);
        return;
    }
    const model::Device *const device = m_model->device(*key);
    if (device && device->isBusy()) {
        m_operations->cancelWaiting(*key);
    } else if (const auto likely = m_operations->likeliest(*key)) {
        m_operations->perform(*likely);
    } else if (device) {
        m_operations->choose({*key, device->usb.identity()});
    }
}

void AppletWindow::openRowMenu(const QModelIndex &index, const QPoint &global)
{
    const auto key = DeviceRows::keyOf(index);
    if (!key)
        return;
    m_list->setCurrentIndex(index);
    m_model->lookIfOld();
    m_rowMenu = std::make_unique<DeviceMenu>(MenuContext{m_model, m_operations, m_icons, DrawnBy::Qt}, *key);
    m_rowMenu->fill();
    m_rowMenu->menu()->popup(global);
}

void AppletWindow::updateState()
{
    const model::Connection connection = m_model->connection();
    m_status->setText(Wording::connection(connection));
    m_status->setVisible(connection != model::Connection::Connected);
    const bool empty = m_filter.rowCount() == 0;
    m_empty->setText(m_model->devices().isEmpty() ? tr("No USB devices") : tr("Nothing found"));
    m_empty->setVisible(empty && m_model->isReady());
    if (!m_list->currentIndex().isValid())
        m_list->selectFirst();
    m_details->setDevice(currentKey());
}

void AppletWindow::copyDetails()
{
    if (const QString text = m_details->text(); !text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void AppletWindow::open(Manner manner)
{
    const bool popover = manner == Manner::Popover;
    m_model->lookIfOld();
    if (!isVisible() || popover != m_popover) {
        // No Qt::Popup: that would take keyboard and mouse away from everybody else.
        const QScopedValueRollback<bool> changing(m_changing, true); // that hides it for a moment
        setWindowFlags(popover ? Qt::Tool | Qt::FramelessWindowHint | Qt::WindowStaysOnTopHint : Qt::Window);
        m_popover = popover; // what that has hidden was still the other one
        if (!popover && !m_settings->windowGeometry().isEmpty())
            restoreGeometry(m_settings->windowGeometry());
    }
    updateState();
    show();
    raise();
    activateWindow();
    m_search->setFocus(Qt::OtherFocusReason);
}

void AppletWindow::toggleAt(const QPoint &icon)
{
    const bool justHidden = m_sinceHidden.isValid() && m_sinceHidden.elapsed() < toggleMs;
    if (isVisible() && !m_popover && !isActiveWindow()) {
        open(Manner::Window); // behind others
        return;
    }
    if (isVisible() || (m_popover && justHidden)) {
        hide();
        m_sinceHidden.invalidate();
        return;
    }
    // Wayland lets nobody place a window; there it is an ordinary one.
    if (QGuiApplication::platformName() == QLatin1String("wayland")) {
        open(Manner::Window);
        return;
    }
    const QScreen *const given = QGuiApplication::screenAt(icon);
    const QScreen *const screen = given ? given : QGuiApplication::primaryScreen();
    if (m_popover || !isVisible())
        resize(usualSize);
    setGeometry(popoverGeometry(icon, usualSize, screen->availableGeometry()));
    open(Manner::Popover);
}

void AppletWindow::showDevice(const DeviceKey &key)
{
    m_search->clear();
    m_logButton->setChecked(false);
    const QModelIndex index = m_filter.mapFromSource(m_rows.indexOf(key));
    if (index.isValid()) {
        m_list->setCurrentIndex(index);
        m_list->scrollTo(index);
    }
    m_list->setFocus(Qt::OtherFocusReason);
}

void AppletWindow::closeIfLeft()
{
    if (m_popover && isVisible() && !QApplication::activePopupWidget() && !QApplication::activeWindow())
        close();
}

void AppletWindow::paintEvent(QPaintEvent *event)
{
    QWidget::paintEvent(event);
    if (!m_popover)
        return;
    // Nobody else draws an edge around it.
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void AppletWindow::hideEvent(QHideEvent *event)
{
    m_sinceHidden.start();
    if (!m_popover)
        m_settings->setWindowGeometry(saveGeometry());
    if (!m_changing)
        m_operations->news()->markSeen();
    QWidget::hideEvent(event);
}

void AppletWindow::closeEvent(QCloseEvent *event)
{
    QWidget::closeEvent(event);
    Q_EMIT closed();
}

} // namespace ui
