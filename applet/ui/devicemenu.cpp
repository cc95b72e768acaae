// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicemenu.h"

#include "actionlist.h"
#include "failuretext.h"
#include "rulesmenu.h"
#include "wording.h"

namespace ui {

using model::Device;
using model::QubeName;
using model::Target;

DeviceMenu::DeviceMenu(const MenuContext &context, model::DeviceKey key, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_key(std::move(key))
    , m_what(line(&m_menu))
    , m_identity(line(&m_menu))
    , m_serial(line(&m_menu))
    , m_detailsEnd(m_menu.addSeparator())
    , m_busy(line(&m_menu))
    , m_stopWaiting(new QAction(m_context.text(tr("Stop waiting")), this))
    , m_failure(line(&m_menu))
    , m_retry(new QAction(m_context.text(tr("Try again")), this))
    , m_dismiss(new QAction(m_context.text(tr("Forget the failure")), this))
    , m_detach(new QAction(this))
    , m_detachAndShutdown(new QAction(this))
    , m_doingEnd(new QAction(this))
    , m_warning(line(&m_menu))
    , m_preferredHeading(line(&m_menu))
    , m_heading(line(&m_menu))
    , m_nowhere(line(&m_menu, tr("No other qube is running")))
    , m_rulesStart(new QAction(this))
    , m_rules(new RulesMenu(context, m_key, this))
{
    m_doingEnd->setSeparator(true);
    m_rulesStart->setSeparator(true);
    m_stopWaiting->setIcon(m_context.symbol("process-stop", "symbol-stop"));
    m_retry->setIcon(m_context.symbol("view-refresh", "symbol-refresh"));
    m_dismiss->setIcon(m_context.symbol("edit-clear", "symbol-clear"));
    m_failure->setIcon(m_context.symbol("dialog-error", "symbol-error"));
    m_busy->setIcon(m_context.symbol("view-refresh", "symbol-refresh"));
    m_warning->setIcon(m_context.symbol("dialog-warning", "symbol-warning"));
    m_detach->setIcon(m_context.symbol("media-eject", "symbol-eject"));
    m_detachAndShutdown->setIcon(m_context.symbol("system-shutdown", "symbol-shutdown"));
    m_halted.setTitle(m_context.text(tr("Start a qube and attach")));
    m_halted.setIcon(m_context.symbol("media-playback-start", "symbol-start"));
    m_disposables.setTitle(m_context.text(tr("New disposable")));
    m_disposables.setIcon(m_context.symbol("document-new", "symbol-new"));

    connect(m_stopWaiting, &QAction::triggered, this, [this] { m_context.operations->cancelWaiting(m_key); });
    connect(m_retry, &QAction::triggered, this, [this] {
        if (const auto again = m_context.operations->failed(m_key))
            m_context.operations->perform(*again);
    });
    connect(m_dismiss, &QAction::triggered, this, [this] { m_context.operations->dismissFailure(m_key); });
    connect(m_detach, &QAction::triggered, this, [this] { request(Request::Kind::Detach); });
    connect(m_detachAndShutdown, &QAction::triggered, this, [this] { request(Request::Kind::DetachAndShutdown); });
    connect(&m_menu, &QMenu::aboutToShow, this, &DeviceMenu::fill);
    update();
}

DeviceMenu::~DeviceMenu() = default;

QAction *DeviceMenu::line(QMenu *menu, const QString &plain, const QIcon &icon)
{
    auto *const action = new QAction(icon, m_context.text(plain), menu);
    action->setEnabled(false);
    return action;
}

void DeviceMenu::fill()
{
    m_filled = true;
    update();
}

void DeviceMenu::request(Request::Kind kind, const std::optional<QubeName> &qube)
{
    m_context.operations->perform({kind, m_key, qube});
}

void DeviceMenu::update()
{
    const Device *const device = m_context.model->device(m_key);
    if (!device)
        return;
    m_menu.setTitle(m_context.text(Wording::menuRow(*m_context.model, *device)));
    m_menu.setIcon(device->state == model::DeviceState::Failed
                       ? m_context.symbol("dialog-error", "symbol-error")
                       : m_context.icons->device(device->usb.category(), m_context.form()));
    updateDetails(*device);
    QList<QAction *> wanted{m_what, m_identity};
    if (!device->usb.serial.isEmpty())
        wanted.append(m_serial);
    wanted.append(m_detailsEnd);
    if (m_filled) {
        updateDoing(*device, wanted);
        if (!device->isBusy())
            updateTargets(*device, wanted);
        m_rules->update();
        wanted << m_rulesStart << m_rules->action();
    }
    arrangeActions(&m_menu, wanted);
}

void DeviceMenu::updateDetails(const Device &device)
{
    const QString name = Wording::name(*m_context.model, device.usb);
    m_what->setText(m_context.text(QStringLiteral("%1 · %2").arg(name, Wording::category(device.usb.category()))));
    const QString ids = device.usb.vidPid();
    const QString place = tr("Port %1").arg(m_key.port.toString());
    m_identity->setText(m_context.text(ids.isEmpty() ? place : QStringLiteral("%1 · %2").arg(ids, place)));
    m_serial->setText(m_context.text(tr("Serial number %1").arg(device.usb.serial.toString())));
}

void DeviceMenu::updateDoing(const Device &device, QList<QAction *> &wanted)
{
    const qsizetype before = wanted.size();
    const model::Job *const job = m_context.model->activeJob(m_key);
    if (job) {
        m_busy->setText(m_context.text(Wording::step(*job)));
        wanted << m_busy << m_stopWaiting;
    }
    if (device.state == model::DeviceState::Failed) {
        m_failure->setText(m_context.text(FailureText::reason(device.failure.value_or(model::Failure{}))));
        wanted.append(m_failure);
        if (m_context.operations->failed(m_key))
            wanted.append(m_retry);
        wanted.append(m_dismiss);
    }
    if (device.attachedTo && !job) {
        const QString holder = device.attachedTo->toString();
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

QString DeviceMenu::obstacleText(const Target &target) const
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
        why = FailureText::reason(*target.obstacle);
    }
    return QStringLiteral("%1 (%2)").arg(target.qube.toString(), why);
}

QAction *DeviceMenu::targetAction(const Target &target, bool move)
{
    QAction *&action = m_targets[{static_cast<int>(target.kind), target.qube}];
    if (!action) {
        action = new QAction(this);
        const auto [kind, qube] = std::pair(target.kind, target.qube);
        connect(action, &QAction::triggered, this, [this, kind = kind, qube = qube] {
            const Device *const device = m_context.model->device(m_key);
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
    action->setIcon(m_context.qubeIcon(target.qube));
    // An attached device can be moved to what runs; the others need a free one.
    action->setEnabled(!target.obstacle && (!move || target.kind == Target::Kind::Running));
    return action;
}

void DeviceMenu::updateTargets(const Device &device, QList<QAction *> &wanted)
{
    const bool move = device.attachedTo.has_value();
    const auto last = m_context.operations->lastQube(m_key);
    QList<QAction *> preferred;
    QList<QAction *> running;
    QList<QAction *> halted;
    QList<QAction *> disposables;
    QSet<QAction *> used;
    for (const Target &target : m_context.model->targets(m_key)) {
        if (move && target.kind != Target::Kind::Running)
            continue;
        QAction *const action = targetAction(target, move);
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
