// SPDX-License-Identifier: GPL-2.0-or-later
#include "rulesdialog.h"

#include "wording.h"

#include <QAbstractItemView>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {

using control::Request;
using control::RuleChoice;
using model::Assignment;
using model::AssignMode;
using model::AssignScope;
using model::Device;
using model::QubeName;

namespace {

constexpr QSize usualSize(460, 420);

} // namespace

RulesDialog::RulesDialog(const MenuContext &context, model::DeviceChoice choice, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_choice(std::move(choice))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Attach automatically"));
    build();
    fill();
    resize(usualSize.expandedTo(minimumSizeHint()));
    m_fillTimer.setSingleShot(true);
    connect(&m_fillTimer, &QTimer::timeout, this, &RulesDialog::fill);
    const auto changed = [this] { m_fillTimer.start(0); };
    model::DeviceModel *const model = m_context.model;
    model->lookIfOld(); // rules are read when somebody looks
    connect(model, &model::DeviceModel::qubeAdded, this, changed);
    connect(model, &model::DeviceModel::qubeChanged, this, changed);
    connect(model, &model::DeviceModel::qubeRemoved, this, changed);
    connect(model, &model::DeviceModel::deviceChanged, this, changed);
    connect(model, &model::DeviceModel::deviceRemoved, this, [this](const Device &last) {
        if (last.key() == m_choice.key)
            close();
    });
}

RulesDialog::~RulesDialog() = default;

void RulesDialog::build()
{
    m_what = new QLabel(this);
    m_what->setTextFormat(Qt::PlainText);
    m_what->setWordWrap(true);
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Rules"));
    m_list->setWordWrap(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_remove = new QPushButton(tr("Remove"), this);
    m_remove->setAutoDefault(false);
    connect(m_remove, &QPushButton::clicked, this, &RulesDialog::remove);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] { updateRemove(); });
    auto *const rules = new QHBoxLayout;
    rules->addWidget(m_list, 1);
    rules->addWidget(m_remove, 0, Qt::AlignTop);

    auto *const group = new QGroupBox(tr("New rule"), this);
    group->setLayout(buildNew());
    auto *const buttons = new QDialogButtonBox(this);
    QPushButton *const close = buttons->addButton(QDialogButtonBox::Close);
    close->setText(tr("Close"));
    close->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *const column = new QVBoxLayout(this);
    column->addWidget(m_what);
    column->addLayout(rules, 1);
    column->addWidget(group);
    column->addWidget(buttons);
}

QLayout *RulesDialog::buildNew()
{
    const auto box = [this](const QString &name) {
        auto *const made = new QComboBox(this);
        made->setAccessibleName(name);
        made->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        return made;
    };
    m_qube = box(tr("Qube"));
    m_scope = box(tr("Which device"));
    m_mode = box(tr("How"));
    m_note = new QLabel(this);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_add = new QPushButton(tr("Add the rule"), this);
    m_add->setAutoDefault(false); // Enter in the list, or a key that is still held down, must not make a rule
    connect(m_add, &QPushButton::clicked, this, &RulesDialog::add);
    connect(m_qube, &QComboBox::currentIndexChanged, this, &RulesDialog::updateAdd);
    const auto put = [](QComboBox *into, const QString &text, auto value) {
        into->addItem(text, static_cast<int>(value));
    };
    if (isLegacy()) {
        put(m_scope, tr("Any device at this port"), AssignScope::Port);
        put(m_mode, tr("Whenever the qube starts"), AssignMode::Persistent);
    } else {
        put(m_scope, tr("This device at this port"), AssignScope::PortAndDevice);
        put(m_scope, tr("This device at any port"), AssignScope::Device);
        put(m_scope, tr("Any device at this port"), AssignScope::Port);
        put(m_mode, tr("Automatically"), AssignMode::Automatic);
        put(m_mode, tr("Ask first"), AssignMode::Ask);
    }
    auto *const form = new QFormLayout;
    form->addRow(tr("Qube:"), m_qube);
    form->addRow(tr("Which:"), m_scope);
    form->addRow(tr("How:"), m_mode);
    form->addRow(m_note);
    form->addRow(QString(), m_add);
    return form;
}

void RulesDialog::fill()
{
    const Device *const device = m_context.model->device(m_choice.key);
    if (!device || (m_choice.seen && device->usb.identity() != m_choice.seen))
        return;
    m_what->setText(tr("Where %1 goes by itself:").arg(Wording::uniqueName(*m_context.model, *device)));
    if (m_rules != device->assignments || m_list->count() == 0) {
        const int row = m_list->currentRow();
        const auto chosen = row >= 0 && row < m_rules.size() ? std::optional(m_rules.at(row)) : std::nullopt;
        m_rules = device->assignments;
        m_list->clear();
        for (const Assignment &rule : std::as_const(m_rules))
            m_list->addItem(new QListWidgetItem(m_context.qubeIcon(rule.frontend), Wording::rule(rule)));
        if (m_rules.isEmpty()) {
            auto *const none = new QListWidgetItem(tr("No rules: it stays where it is until somebody attaches it."));
            none->setFlags(Qt::NoItemFlags);
            m_list->addItem(none);
        }
        // The same rule or none: it is about to be removed.
        m_list->setCurrentRow(chosen ? static_cast<int>(m_rules.indexOf(*chosen)) : -1);
    }
    updateRemove();
    // What the server does not know it cannot recognize.
    const bool isKnown = device->usb.id && device->usb.id->isKnown();
    const int before = m_scope->currentIndex();
    if (!isKnown && m_scope->count() > 1) {
        m_scope->removeItem(1);
        m_scope->removeItem(0);
    }
    m_scope->setCurrentIndex(std::clamp(before, 0, m_scope->count() - 1));
    fillQubes(*device);
}

void RulesDialog::updateRemove()
{
    // Which devices a qube must have to start was decided elsewhere.
    const int row = m_list->currentRow();
    m_remove->setEnabled(row >= 0 && row < m_rules.size() && m_rules.at(row).mode != AssignMode::Required);
}

void RulesDialog::fillQubes(const Device &device)
{
    if (m_qube->view()->isVisible()) { // not below the mouse
        m_fillTimer.start(200);
        return;
    }
    const QString before = m_qube->currentText();
    const QList<QubeName> qubes = candidates(device);
    QStringList names;
    for (const QubeName &qube : qubes)
        names.append(qube.toString());
    QStringList shown;
    for (int i = 0; i < m_qube->count(); ++i)
        shown.append(m_qube->itemText(i));
    if (names != shown) {
        m_qube->clear();
        for (const QubeName &qube : qubes)
            m_qube->addItem(m_context.qubeIcon(qube), qube.toString());
        // The same qube or none: "Add" is about to be pressed.
        m_qube->setCurrentIndex(before.isEmpty() ? 0 : m_qube->findText(before));
    }
    updateAdd();
    m_note->setText(qubes.isEmpty() ? tr("This version of Qubes makes a rule only for the qube that has the device: "
                                         "attach it first.")
                                    : QString());
    m_note->setVisible(qubes.isEmpty());
}

void RulesDialog::updateAdd()
{
    const QString qube = m_qube->currentText();
    const bool replaces = std::any_of(m_rules.begin(), m_rules.end(), [&](const Assignment &rule) {
        return rule.frontend.toString() == qube && rule.mode != AssignMode::Required;
    });
    m_add->setEnabled(m_qube->currentIndex() >= 0);
    m_add->setText(replaces ? tr("Replace the rules of %1").arg(qube) : tr("Add the rule"));
}

QList<QubeName> RulesDialog::candidates(const Device &device) const
{
    QList<QubeName> found;
    const auto put = [&](const QubeName &qube) {
        if (!found.contains(qube))
            found.append(qube);
    };
    if (device.attachedTo)
        put(*device.attachedTo);
    if (isLegacy())
        return found;
    for (const model::Target &target : m_context.operations->suggestions(m_choice.key).targets)
        put(target.qube);
    QList<QubeName> halted;
    for (const QubeName &name : m_context.model->qubes()) {
        const model::Qube *const qube = m_context.model->qube(name);
        if (!qube || !qube->isForUsers() || name == m_choice.key.backend ||
            qube->listing.qubeClass == model::QubeClass::Template)
            continue;
        if (qube->isRunning())
            put(name);
        else
            halted.append(name);
    }
    for (const QubeName &name : halted)
        put(name);
    return found;
}

void RulesDialog::add()
{
    const auto qube = QubeName::parse(m_qube->currentText());
    if (!qube)
        return;
    const RuleChoice rule{static_cast<AssignScope>(m_scope->currentData().toInt()),
                          static_cast<AssignMode>(m_mode->currentData().toInt())};
    m_context.operations->perform({Request::Kind::SetRule, m_choice.key, *qube, m_choice.seen, rule});
}

void RulesDialog::remove()
{
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_rules.size())
        return;
    const Assignment rule = m_rules.at(row);
    m_context.operations->perform({Request::Kind::RemoveRule, m_choice.key, rule.frontend, m_choice.seen, {}, rule});
}

/// Enter presses the button that has the focus, on all desktops, and no other.
void RulesDialog::keyPressEvent(QKeyEvent *event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (!isEnter) {
        QDialog::keyPressEvent(event);
        return;
    }
    auto *const button = qobject_cast<QPushButton *>(focusWidget());
    if (button && !event->isAutoRepeat())
        button->click();
}

} // namespace ui
