// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubechooser.h"

#include "failuretext.h"
#include "wording.h"

#include <QApplication>
#include <QDialogButtonBox>
#include <QKeyEvent>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {

using model::Device;
using model::Target;

namespace {

/// Why it can't have the device; empty if it can.
QString obstacleText(const Target &target)
{
    if (!target.obstacle)
        return {};
    switch (target.obstacle->reason) {
    case model::Reason::DeniedInterface:
        return target.denied && target.denied->isKnown()
                   ? QubeChooser::tr("denied by policy: %1").arg(Wording::category(model::categoryOf(*target.denied)))
                   : QubeChooser::tr("denied by policy");
    case model::Reason::QubePaused:
        return QubeChooser::tr("paused");
    case model::Reason::Refused:
        return QubeChooser::tr("denied by policy");
    default:
        return FailureText::brief(*target.obstacle);
    }
}

} // namespace

QubeChooser::QubeChooser(const MenuContext &context, model::DeviceChoice choice, QWidget *parent)
    : DeviceDialog(context, std::move(choice), parent)
{
    build();
    QubeChooser::fill();
    selectFirst();
    resize(380, 480);
}

QubeChooser::~QubeChooser() = default;

void QubeChooser::build()
{
    m_what = new QLabel(this);
    m_what->setTextFormat(Qt::PlainText);
    m_what->setWordWrap(true);
    m_warning = new QLabel(this);
    m_warning->setTextFormat(Qt::PlainText);
    m_warning->setWordWrap(true);
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search qubes"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    connect(m_search, &QLineEdit::textChanged, this, [this] {
        fill();
        selectFirst();
    });
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Qubes"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_list, &QListWidget::currentRowChanged, this, &QubeChooser::updateButton);
    connect(m_list, &QListWidget::itemDoubleClicked, this, &QubeChooser::accept);
    auto *const buttons = new QDialogButtonBox(this);
    m_go = buttons->addButton(tr("Attach"), QDialogButtonBox::AcceptRole);
    m_go->setDefault(true);
    buttons->addButton(QDialogButtonBox::Cancel)->setText(tr("Cancel"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QubeChooser::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *const column = new QVBoxLayout(this);
    column->addWidget(m_what);
    column->addWidget(m_warning);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    column->addWidget(buttons);
}

void QubeChooser::fill()
{
    const Device *const device = this->device();
    if (!device)
        return;
    const QString name = Wording::uniqueName(*m_context.model, *device);
    setWindowTitle(device->attachedTo ? tr("Move to another qube") : tr("Attach to a qube"));
    m_what->setText(device->attachedTo ? tr("Move %1 from %2 to:").arg(name, device->attachedTo->toString())
                                       : tr("Attach %1 to:").arg(name));
    m_warning->setText(Wording::inputWarning(device->usb));
    m_warning->setVisible(device->usb.isInput());

    const Target *const chosen = current();
    const std::optional<Target> before = chosen ? std::optional(*chosen) : std::nullopt;
    const int scrolled = m_list->verticalScrollBar()->value();
    m_list->clear();
    m_targets = m_context.model->targets(m_choice.key);
    m_targets.removeIf([this](const Target &target) {
        return !target.qube.toString().contains(m_search->text().trimmed(), Qt::CaseInsensitive);
    });
    const control::Suggestions suggestions = m_context.operations->suggestions(m_choice.key);
    const auto isOf = [](const QList<Target> &list, const Target &target) {
        return std::any_of(list.begin(), list.end(),
                           [&](const Target &one) { return one.kind == target.kind && one.qube == target.qube; });
    };
    addGroup(tr("Suggested"), [&](const Target &target) { return isOf(suggestions.targets, target); });
    const auto rest = [&](Target::Kind kind) {
        return [&, kind](const Target &target) { return target.kind == kind && !isOf(suggestions.targets, target); };
    };
    addGroup(tr("Running"), rest(Target::Kind::Running));
    addGroup(tr("New disposable of"), rest(Target::Kind::DisposableTemplate));
    addGroup(tr("Started first"), rest(Target::Kind::Halted));
    // The same qube or none: the button is about to be pressed, and must not come to mean another one.
    constexpr auto isNew = [](const Target &target) { return target.kind == Target::Kind::DisposableTemplate; };
    for (int row = 0; before && row < m_list->count(); ++row) {
        const Target *const target = targetOf(m_list->item(row));
        if (target && target->qube == before->qube && isNew(*target) == isNew(*before))
            m_list->setCurrentRow(row);
    }
    m_list->verticalScrollBar()->setValue(scrolled);
    updateButton();
}

void QubeChooser::addGroup(const QString &title, const std::function<bool(const Target &)> &belongs)
{
    bool isFirst = true;
    for (qsizetype i = 0; i < m_targets.size(); ++i) {
        const Target &target = m_targets.at(i);
        if (!belongs(target))
            continue;
        if (std::exchange(isFirst, false)) {
            auto *const heading = new QListWidgetItem(title, m_list);
            heading->setFlags(Qt::NoItemFlags);
            QFont bold = font();
            bold.setBold(true);
            heading->setFont(bold);
        }
        const QString why = obstacleText(target);
        const QString name = target.qube.toString();
        auto *const item = new QListWidgetItem(m_context.qubeIcon(target.qube),
                                               why.isEmpty() ? name : QStringLiteral("%1 – %2").arg(name, why), m_list);
        item->setData(Qt::UserRole, i);
        item->setToolTip(why.toHtmlEscaped());
        // Read to those who do not see the heading.
        item->setData(Qt::AccessibleTextRole, QStringLiteral("%1, %2").arg(item->text(), title));
        // Pale, but the keyboard gets there: why it can't is to be read. The button stays off.
        if (target.obstacle)
            item->setForeground(palette().brush(QPalette::Disabled, QPalette::Text));
    }
}

const Target *QubeChooser::targetOf(const QListWidgetItem *item) const
{
    const QVariant place = item ? item->data(Qt::UserRole) : QVariant();
    const qsizetype at = place.isValid() ? place.toLongLong() : -1;
    return at >= 0 && at < m_targets.size() ? &m_targets.at(at) : nullptr;
}

const Target *QubeChooser::current() const
{
    const Target *const target = targetOf(m_list->currentItem());
    return target && !target->obstacle ? target : nullptr;
}

void QubeChooser::selectFirst()
{
    for (int row = 0; row < m_list->count(); ++row) {
        const Target *const target = targetOf(m_list->item(row));
        if (target && !target->obstacle) {
            m_list->setCurrentRow(row);
            return;
        }
    }
}

/// Says what it does: the kinds of targets differ in what happens to qubes.
void QubeChooser::updateButton()
{
    const Target *const target = current();
    const Device *const device = this->device();
    m_go->setEnabled(target && device && !device->isBusy());
    const bool isMove = device && device->attachedTo;
    const QString qube = target ? target->qube.toString() : QString();
    if (!target)
        m_go->setText(isMove ? tr("Move") : tr("Attach"));
    else if (target->kind == Target::Kind::Halted)
        m_go->setText(isMove ? tr("Start %1 and move").arg(qube) : tr("Start %1 and attach").arg(qube));
    else if (target->kind == Target::Kind::DisposableTemplate)
        m_go->setText(isMove ? tr("Move to a new disposable") : tr("Attach to a new disposable"));
    else
        m_go->setText(isMove ? tr("Move to %1").arg(qube) : Wording::attachTo(target->qube));
    m_search->setAccessibleDescription(m_go->text()); // Enter does that
}

void QubeChooser::accept()
{
    const Target *const target = current();
    const auto request =
        target && m_go->isEnabled() ? m_context.operations->requestTo(m_choice, *target) : std::nullopt;
    if (!request)
        return;
    m_context.operations->perform(*request);
    close();
}

bool QubeChooser::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent *>(event)->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            QApplication::sendEvent(m_list, event); // the search keeps the keyboard
            return true;
        default:
            break;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace ui
