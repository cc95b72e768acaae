// SPDX-License-Identifier: GPL-2.0-or-later
#include "rulesdialog.h"

#include "wording.h"

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

RulesDialog::RulesDialog(const MenuContext &context, model::DeviceChoice choice, QWidget *parent)
    : DeviceDialog(context, std::move(choice), parent)
{
    setWindowTitle(tr("Attach automatically"));
    build();
    RulesDialog::fill();
    resize(QSize(460, 420).expandedTo(minimumSizeHint()));
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
    const auto offer = [this](std::initializer_list<AssignScope> scopes, std::initializer_list<AssignMode> modes) {
        for (const AssignScope scope : scopes)
            m_scope->addItem(Wording::scope(scope), static_cast<int>(scope));
        for (const AssignMode mode : modes)
            m_mode->addItem(Wording::mode(mode), static_cast<int>(mode));
    };
    if (isLegacy())
        offer({AssignScope::Port}, {AssignMode::Persistent});
    else
        offer({AssignScope::PortAndDevice, AssignScope::Device, AssignScope::Port},
              {AssignMode::Automatic, AssignMode::Ask});
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
    const Device *const device = this->device();
    if (!device)
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
    // In place: the list may be open, and "Add" is about to be pressed. The same qube stays chosen, or none is.
    QStringList names;
    for (const QubeName &qube : candidates(device)) {
        names.append(qube.toString());
        if (m_qube->findText(names.constLast()) < 0)
            m_qube->addItem(m_context.qubeIcon(qube), names.constLast());
    }
    for (int i = m_qube->count() - 1; i >= 0; --i) {
        if (names.contains(m_qube->itemText(i)))
            continue;
        if (i == m_qube->currentIndex())
            m_qube->setCurrentIndex(-1);
        m_qube->removeItem(i);
    }
    updateAdd();
    m_note->setText(names.isEmpty() ? tr("This version of Qubes makes a rule only for the qube that has the device: "
                                         "attach it first.")
                                    : QString());
    m_note->setVisible(names.isEmpty());
}

void RulesDialog::updateAdd()
{
    const QString qube = m_qube->currentText();
    const bool replaces = std::any_of(m_rules.begin(), m_rules.end(), [&](const Assignment &rule) {
        return rule.frontend.toString() == qube && rule.mode != AssignMode::Required && rule.scope();
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
    for (const model::Target &target : m_context.model->targets(m_choice.key)) {
        if (target.kind != model::Target::Kind::DisposableTemplate)
            put(target.qube);
    }
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
    auto *const button = qobject_cast<QPushButton *>(focusWidget());
    if (!isEnter(event) || event->isAutoRepeat())
        DeviceDialog::keyPressEvent(event);
    else if (button)
        button->click();
}

} // namespace ui
