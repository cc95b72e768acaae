// SPDX-License-Identifier: GPL-2.0-or-later
#include "deviceactions.h"

#include "actionlist.h"
#include "failuretext.h"
#include "wording.h"

namespace ui {

using control::Request;
using model::Device;
using model::Target;

DeviceActions::DeviceActions(const MenuContext &context, model::DeviceChoice choice, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_choice(std::move(choice))
    , m_busy(line({}, m_context.symbol("view-refresh", "symbol-refresh")))
    , m_stopWaiting(entry(Wording::stopWaiting(), m_context.symbol("process-stop", "symbol-stop")))
    , m_failure(entry({}, m_context.symbol("dialog-error", "symbol-error")))
    , m_retry(entry(Wording::retry(), m_context.symbol("view-refresh", "symbol-refresh")))
    , m_dismiss(entry(Wording::dismiss(), m_context.symbol("edit-clear", "symbol-clear")))
    , m_unmount(entry({}, m_context.symbol("dialog-warning", "symbol-warning")))
    , m_detach(entry({}, m_context.symbol("", "symbol-detach")))
    , m_detachAndShutdown(entry({}, m_context.symbol("system-shutdown", "symbol-shutdown")))
    , m_doingEnd(new QAction(this))
    , m_warning(entry(tr("Whoever gets it can read and forge your input"),
                      m_context.symbol("dialog-warning", "symbol-warning")))
    , m_heading(line())
    , m_nowhere(line(tr("No other running qube can have it")))
    , m_all(entry(tr("All qubes…"), m_context.symbol("edit-find", "symbol-window")))
    , m_rulesStart(new QAction(this))
    , m_rules(entry(tr("Attach automatically…"), m_context.symbol("emblem-synchronizing", "symbol-rule")))
    , m_details(entry(Wording::details(), m_context.symbol("document-properties", "symbol-log")))
{
    m_doingEnd->setSeparator(true);
    m_rulesStart->setSeparator(true);
    connect(m_stopWaiting, &QAction::triggered, this, [this] { m_context.operations->cancelWaiting(m_choice.key); });
    // A line of a menu has no room for all of it; the window has.
    for (const QAction *const more : {m_failure, m_unmount, m_warning, m_details})
        connect(more, &QAction::triggered, this, [this] { m_context.operations->show(m_choice.key); });
    connect(m_retry, &QAction::triggered, this, [this] {
        if (const auto again = m_context.operations->failed(m_choice.key))
            m_context.operations->perform(*again);
    });
    connect(m_dismiss, &QAction::triggered, this, [this] { m_context.operations->dismissFailure(m_choice.key); });
    connect(m_detach, &QAction::triggered, this, [this] { request(Request::Kind::Detach); });
    connect(m_detachAndShutdown, &QAction::triggered, this, [this] { request(Request::Kind::DetachAndShutdown); });
    connect(m_all, &QAction::triggered, this, [this] { m_context.operations->choose(m_choice); });
    connect(m_rules, &QAction::triggered, this, [this] { m_context.operations->editRules(m_choice); });
}

DeviceActions::~DeviceActions() = default;

QAction *DeviceActions::entry(const QString &plain, const QIcon &icon)
{
    return new QAction(icon, m_context.text(plain), this);
}

QAction *DeviceActions::line(const QString &plain, const QIcon &icon)
{
    QAction *const action = entry(plain, icon);
    action->setEnabled(false);
    return action;
}

void DeviceActions::request(Request::Kind kind)
{
    m_context.operations->perform({kind, m_choice.key, {}, m_choice.seen});
}

void DeviceActions::update(const Device &device, QList<QAction *> &wanted)
{
    updateDoing(device, wanted);
    if (!device.isBusy())
        updateTargets(device, wanted);
    wanted << m_rulesStart << m_rules << m_details;
}

void DeviceActions::updateDoing(const Device &device, QList<QAction *> &wanted)
{
    const qsizetype before = wanted.size();
    const model::Job *const job = m_context.model->activeJob(m_choice.key);
    if (job) {
        m_busy->setText(m_context.text(Wording::step(*job)));
        wanted.append(m_busy);
        if (!device.abandoned)
            wanted.append(m_stopWaiting);
    }
    if (device.state == model::DeviceState::Failed) {
        m_failure->setText(m_context.text(FailureText::brief(device.failure.value_or(model::Failure{}))));
        wanted.append(m_failure);
        if (m_context.operations->failed(m_choice.key))
            wanted.append(m_retry);
        wanted.append(m_dismiss);
    }
    if (device.attachedTo && !job) {
        const QString holder = device.attachedTo->toString();
        m_unmount->setText(m_context.text(Wording::beforeDetach(device)));
        if (!m_unmount->text().isEmpty())
            wanted.append(m_unmount);
        m_detach->setText(m_context.text(tr("Detach from %1").arg(holder)));
        wanted.append(m_detach);
        const model::Qube *const qube = m_context.model->qube(*device.attachedTo);
        if (qube && qube->properties && qube->properties->autoCleanup) {
            m_detachAndShutdown->setText(m_context.text(tr("Detach and shut down %1").arg(holder)));
            wanted.append(m_detachAndShutdown);
        }
    }
    if (wanted.size() != before && !job)
        wanted.append(m_doingEnd);
}

QString DeviceActions::textOf(const Target &target)
{
    const QString name = target.qube.toString();
    switch (target.kind) {
    case Target::Kind::Running:
        break;
    case Target::Kind::Halted:
        return tr("%1, after starting it").arg(name);
    case Target::Kind::DisposableTemplate:
        return tr("New disposable of %1").arg(name);
    }
    return name;
}

QAction *DeviceActions::targetAction(const Target &target)
{
    // The kind may change while the menu is open, and the entry is what it says.
    QAction *&action = m_targets[{static_cast<int>(target.kind), target.qube}];
    if (!action) {
        action = new QAction(m_context.text(textOf(target)), this);
        connect(action, &QAction::triggered, this, [this, target] {
            if (const auto request = m_context.operations->requestTo(m_choice, target))
                m_context.operations->perform(*request);
        });
    }
    setIconOf(action, m_context.qubeIcon(target.qube));
    return action;
}

void DeviceActions::updateTargets(const Device &device, QList<QAction *> &wanted)
{
    const control::Suggestions suggestions = m_context.operations->suggestions(m_choice.key);
    QList<QAction *> targets;
    for (const Target &target : suggestions.targets)
        targets.append(targetAction(target));
    if (suggestions.disposable)
        targets.append(targetAction(*suggestions.disposable));
    m_heading->setText(m_context.text(device.attachedTo ? tr("Move to") : tr("Attach to")));
    if (device.usb.isInput())
        wanted.append(m_warning);
    wanted.append(targets.isEmpty() ? m_nowhere : m_heading);
    wanted.append(targets);
    if (!suggestions.isAll)
        wanted.append(m_all);
    m_targets.removeIf([&](const auto &entry) {
        if (targets.contains(entry.value()))
            return false;
        entry.value()->deleteLater();
        return true;
    });
}

} // namespace ui
