// SPDX-License-Identifier: GPL-2.0-or-later
#include "deviceactions.h"

#include "actionlist.h"
#include "failuretext.h"
#include "rulesmenu.h"
#include "wording.h"

namespace ui {

using control::Request;
using model::Device;
using model::QubeName;
using model::Target;

DeviceActions::DeviceActions(const MenuContext &context, model::DeviceChoice choice, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_choice(std::move(choice))
    , m_busy(line({}, m_context.symbol("view-refresh", "symbol-refresh")))
    , m_stopWaiting(entry(tr("Stop waiting"), m_context.symbol("process-stop", "symbol-stop")))
    , m_failure(entry({}, m_context.symbol("dialog-error", "symbol-error")))
    , m_retry(entry(tr("Try again"), m_context.symbol("view-refresh", "symbol-refresh")))
    , m_dismiss(entry(tr("Dismiss"), m_context.symbol("edit-clear", "symbol-clear")))
    , m_unmount(line())
    , m_detach(entry({}, m_context.symbol("", "symbol-detach")))
    , m_detachAndShutdown(entry({}, m_context.symbol("system-shutdown", "symbol-shutdown")))
    , m_doingEnd(new QAction(this))
    , m_warning(line({}, m_context.symbol("dialog-warning", "symbol-warning")))
    , m_preferredHeading(line())
    , m_heading(line())
    , m_nowhere(line(tr("No other qube is running")))
    , m_rulesStart(new QAction(this))
    , m_rules(new RulesMenu(context, m_choice, this))
{
    m_doingEnd->setSeparator(true);
    m_rulesStart->setSeparator(true);
    m_halted.setIcon(m_context.symbol("media-playback-start", "symbol-start"));
    m_disposables.setTitle(m_context.text(tr("New disposable")));
    m_disposables.setIcon(m_context.symbol("document-new", "symbol-new"));

    connect(m_stopWaiting, &QAction::triggered, this, [this] { m_context.operations->cancelWaiting(m_choice.key); });
    // A line of a menu has no room for all of it; the window has.
    connect(m_failure, &QAction::triggered, this, [this] { m_context.operations->show(m_choice.key); });
    connect(m_retry, &QAction::triggered, this, [this] {
        if (const auto again = m_context.operations->failed(m_choice.key))
            m_context.operations->perform(*again);
    });
    connect(m_dismiss, &QAction::triggered, this, [this] { m_context.operations->dismissFailure(m_choice.key); });
    connect(m_detach, &QAction::triggered, this, [this] { request(Request::Kind::Detach); });
    connect(m_detachAndShutdown, &QAction::triggered, this, [this] { request(Request::Kind::DetachAndShutdown); });
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

void DeviceActions::request(Request::Kind kind, const std::optional<QubeName> &qube)
{
    m_context.operations->perform({kind, m_choice.key, qube, m_choice.seen});
}

void DeviceActions::update(const Device &device, QList<QAction *> &wanted)
{
    updateDoing(device, wanted);
    if (!device.isBusy())
        updateTargets(device, wanted);
    m_rules->update();
    wanted << m_rulesStart << m_rules->action();
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

QString DeviceActions::obstacleText(const Target &target) const
{
    if (!target.obstacle)
        return target.qube.toString();
    QString why;
    switch (target.obstacle->reason) {
    case model::Reason::DeniedInterface:
        why = target.denied && target.denied->isKnown()
                  ? tr("denied by policy: %1").arg(Wording::category(model::categoryOf(*target.denied)))
                  : tr("denied by policy");
        break;
    case model::Reason::QubePaused:
        why = tr("paused");
        break;
    case model::Reason::Refused:
        why = tr("denied by policy");
        break;
    default:
        why = FailureText::brief(*target.obstacle);
    }
    return QStringLiteral("%1 (%2)").arg(target.qube.toString(), why);
}

QAction *DeviceActions::targetAction(const Target &target)
{
    QAction *&action = m_targets[{static_cast<int>(target.kind), target.qube}];
    if (!action) {
        action = new QAction(this);
        const auto [kind, qube] = std::pair(target.kind, target.qube);
        connect(action, &QAction::triggered, this, [this, kind = kind, qube = qube] {
            const Device *const device = m_context.model->device(m_choice.key);
            const bool attached = device && device->attachedTo;
            if (kind == Target::Kind::Halted)
                request(Request::Kind::StartAndAttach, qube);
            else if (kind == Target::Kind::DisposableTemplate)
                request(Request::Kind::AttachToDisposable, qube);
            else
                request(attached ? Request::Kind::Move : Request::Kind::Attach, qube);
        });
    }
    action->setText(m_context.text(obstacleText(target)));
    setIconOf(action, m_context.qubeIcon(target.qube));
    action->setEnabled(!target.obstacle);
    return action;
}

void DeviceActions::updateTargets(const Device &device, QList<QAction *> &wanted)
{
    const bool move = device.attachedTo.has_value();
    const auto last = m_context.operations->lastQube(m_choice.key);
    QList<QAction *> preferred;
    QList<QAction *> running;
    QList<QAction *> halted;
    QList<QAction *> disposables;
    QSet<QAction *> used;
    for (const Target &target : m_context.model->targets(m_choice.key)) {
        QAction *const action = targetAction(target);
        used.insert(action);
        if (target.kind == Target::Kind::DisposableTemplate)
            disposables.append(action);
        else if ((target.preferred || target.qube == last) && target.kind == Target::Kind::Running)
            preferred.append(action);
        else if (target.kind == Target::Kind::Running)
            running.append(action);
        else
            halted.append(action);
    }
    m_preferredHeading->setText(
        m_context.text(move ? tr("Move to the preferred qube") : tr("Attach to the preferred qube")));
    m_heading->setText(m_context.text(move ? tr("Move to") : tr("Attach to")));
    m_halted.setTitle(m_context.text(move ? tr("Start a qube and move there") : tr("Start a qube and attach")));
    m_warning->setText(m_context.text(Wording::inputWarning(device.usb)));
    if (device.usb.isInput())
        wanted.append(m_warning);
    if (!preferred.isEmpty())
        wanted << m_preferredHeading << preferred;
    if (!running.isEmpty())
        wanted << m_heading << running;
    if (preferred.isEmpty() && running.isEmpty())
        wanted.append(m_nowhere);
    arrangeActions(&m_halted, halted);
    if (!halted.isEmpty())
        wanted.append(m_halted.menuAction());
    arrangeActions(&m_disposables, disposables);
    if (!disposables.isEmpty())
        wanted.append(m_disposables.menuAction());
    m_targets.removeIf([&](const auto &entry) {
        if (used.contains(entry.value()))
            return false;
        entry.value()->deleteLater();
        return true;
    });
}

} // namespace ui
