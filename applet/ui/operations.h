// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "settings.h"

#include <QHash>

namespace ui {

/// Something the user wants done with a device.
struct Request
{
    enum class Kind { Attach, Move, StartAndAttach, AttachToDisposable, Detach, DetachAndShutdown };
    Kind kind = Kind::Attach;
    model::DeviceKey device;
    std::optional<model::QubeName> qube = {}; ///< where to; for AttachToDisposable the template
    /// What was on the screen at that place: it is done with that device or not at all.
    std::optional<model::DeviceIdentity> seen = {};

    bool operator==(const Request &) const = default;
    model::DeviceChoice choice() const { return {device, seen}; }
    /// Whether another qube gets the device.
    bool handsOver() const { return kind != Kind::Detach && kind != Kind::DetachAndShutdown; }
};

/// A rule to be made: for which devices, and how.
struct RuleChoice
{
    model::AssignScope scope = model::AssignScope::Port;
    model::AssignMode mode = model::AssignMode::Automatic;
};

/// What clicks do: starts jobs of the model, asks first where that is due, and remembers what was chosen.
class Operations : public QObject
{
    Q_OBJECT
public:
    Operations(model::DeviceModel *model, Settings *settings, QObject *parent = nullptr);

    /// Does it, or asks by confirmationNeeded().
    void perform(const Request &request);
    /// Does it without asking.
    void performConfirmed(const Request &request);
    void startQube(const model::QubeName &qube) { m_model->startQube(qube); }
    void show(const model::DeviceKey &key) { Q_EMIT showRequested(key); }
    void cancelWaiting(const model::DeviceKey &key);
    /// What failed last with this device, to be tried again.
    std::optional<Request> failed(const model::DeviceKey &key) const;
    void dismissFailure(const model::DeviceKey &key) { m_model->dismissFailure(key); }
    /// The rules of `qube` about this device become this one, or none.
    void setRule(const model::DeviceChoice &device, const model::QubeName &qube, std::optional<RuleChoice> choice);
    /// Of all devices that `qube` has; nothing: of all qubes.
    void detachAll(const std::optional<model::QubeName> &qube);

    /// What is most likely wanted: detach what is attached; else attach where a rule says, or where it was last.
    std::optional<Request> likeliest(const model::DeviceKey &key) const;
    std::optional<model::QubeName> lastQube(const model::DeviceKey &key) const;

Q_SIGNALS:
    void confirmationNeeded(const ui::Request &request);
    /// The window has more to offer about this device than there is room for elsewhere.
    void showRequested(const model::DeviceKey &device);

private:
    std::optional<Request> requestTo(const model::Device &device, const model::Target &target) const;
    void nextRuleStep(const model::DeviceChoice &where, const model::QubeName &qube, std::optional<RuleChoice> choice,
                      qsizetype stepsLeft);
    void onJobFinished(const model::Job *job);

    model::DeviceModel *m_model;
    Settings *m_settings;
    QHash<model::DeviceKey, Request> m_last; ///< the last request that a job was started for
};

} // namespace ui
