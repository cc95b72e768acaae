// SPDX-License-Identifier: GPL-2.0-or-later
#include "detailspane.h"

#include "failuretext.h"
#include "wording.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace ui {

DetailsPane::DetailsPane(const model::DeviceModel *model, control::Operations *operations, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_operations(operations)
    , m_nothing(new QLabel(tr("Choose a device to see its details."), this))
    , m_form(new QFormLayout)
    , m_name(new QLabel(this))
{
    auto *const column = new QVBoxLayout(this);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setWordWrap(true);
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QFont bold = m_name->font();
    bold.setBold(true);
    m_name->setFont(bold);
    m_nothing->setEnabled(false);
    column->addWidget(m_nothing);
    column->addWidget(m_name);
    column->addLayout(makeButtons());
    column->addLayout(m_form);
    column->addStretch();
    m_form->setHorizontalSpacing(12);
    m_form->setVerticalSpacing(3);
    m_state = addRow(tr("State:"));
    m_beforeDetach = addRow(tr("Before detaching:"));
    m_failure = addRow(tr("Failure:"));
    m_warning = addRow(tr("Warning:"));
    m_place = addRow(tr("Port:"));
    m_identity = addRow(tr("USB ID:"));
    m_serial = addRow(tr("Serial number:"));
    m_interfaces = addRow(tr("Interfaces:"));
    m_rules = addRow(tr("Automatic:"));
    update();
}

QLayout *DetailsPane::makeButtons()
{
    auto *const row = new QHBoxLayout;
    const auto button = [&](const QString &text, auto &&slot) {
        auto *const made = new QPushButton(text, this);
        made->setAutoDefault(true); // so Enter presses it, too
        connect(made, &QPushButton::clicked, this, slot);
        row->addWidget(made);
        return made;
    };
    const auto choice = [this] { return model::DeviceChoice{*m_key, m_seen}; };
    // Those that are always there come first, and none comes to stand where another was: a second click would hit it.
    m_attach = button({}, [this, choice] { m_operations->choose(choice()); });
    m_rulesButton = button(tr("Automatic…"), [this, choice] { m_operations->editRules(choice()); });
    m_detach = button(Wording::detach(), [this] {
        m_operations->perform({control::Request::Kind::Detach, *m_key, {}, m_seen});
    });
    m_retry = button(Wording::retry(), [this] {
        if (const auto again = m_operations->failed(*m_key))
            m_operations->perform(*again);
    });
    m_dismiss = button(Wording::dismiss(), [this] { m_operations->dismissFailure(*m_key); });
    row->addStretch();
    m_stop = button(Wording::stopWaiting(), [this] { m_operations->cancelWaiting(*m_key); });
    return row;
}

void DetailsPane::updateButtons(const model::Device *device)
{
    const bool isFree = device && !device->isBusy();
    const bool hasFailed = isFree && device->state == model::DeviceState::Failed;
    m_retry->setVisible(hasFailed && m_operations->failed(*m_key));
    m_dismiss->setVisible(hasFailed);
    m_stop->setVisible(device && device->isBusy() && !device->abandoned);
    m_detach->setVisible(isFree && device->attachedTo);
    m_attach->setVisible(device);
    m_attach->setEnabled(isFree);
    m_attach->setText(device && device->attachedTo ? tr("Move to…") : tr("Attach to…"));
    m_rulesButton->setVisible(device);
}

QLabel *DetailsPane::addRow(const QString &title)
{
    auto *const value = new QLabel(this);
    value->setTextFormat(Qt::PlainText);
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setAccessibleName(title);
    m_form->addRow(title, value);
    return value;
}

void DetailsPane::setRow(QLabel *value, const QString &text)
{
    value->setText(text);
    value->setVisible(!text.isEmpty());
    m_form->labelForField(value)->setVisible(!text.isEmpty());
}

void DetailsPane::setDevice(const std::optional<model::DeviceKey> &key)
{
    m_key = key;
    update();
}

void DetailsPane::update()
{
    const model::Device *const device = m_key ? m_model->device(*m_key) : nullptr;
    m_seen = device ? std::optional(device->usb.identity()) : std::nullopt;
    updateButtons(device);
    m_nothing->setVisible(!device);
    m_name->setVisible(device);
    if (!device) {
        for (QLabel *const value :
             {m_state, m_beforeDetach, m_failure, m_warning, m_place, m_identity, m_serial, m_interfaces, m_rules})
            setRow(value, {});
        return;
    }
    m_name->setText(Wording::name(*m_model, device->usb));
    const model::Job *const job = m_model->activeJob(*m_key);
    setRow(m_place, m_key->toString());
    setRow(m_state, job ? Wording::step(*job) : Wording::state(*device));
    setRow(m_failure, device->failure ? FailureText::reason(*device->failure) : QString());
    setRow(m_beforeDetach, job ? QString() : Wording::beforeDetach(*device));
    setRow(m_warning, Wording::inputWarning(device->usb));
    setRow(m_identity, device->usb.vidPid());
    setRow(m_serial, device->usb.serial.toString());
    setRow(m_interfaces, Wording::interfaces(device->usb));
    QStringList rules;
    for (const model::Assignment &rule : device->assignments)
        rules.append(Wording::rule(rule));
    setRow(m_rules, rules.join(QLatin1Char('\n')));
}

QString DetailsPane::text() const
{
    const model::Device *const device = m_key ? m_model->device(*m_key) : nullptr;
    if (!device)
        return {};
    QStringList lines{Wording::name(*m_model, device->usb),
                      m_key->toString(),
                      device->usb.vidPid(),
                      device->usb.serial.toString(),
                      Wording::interfaces(device->usb),
                      Wording::state(*device)};
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

} // namespace ui
