// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "memory/settings.h"
#include "news.h"
#include "question.h"
#include "suggestions.h"

#include <QHash>

#include <functional>

namespace control {

/// What clicks and calls of D-Bus do: starts jobs of the model, asks first where that is due, and remembers what was
/// chosen.
class Operations : public QObject
{
    Q_OBJECT
public:
    Operations(model::DeviceModel *model, memory::Settings *settings, QObject *parent = nullptr);

    /// Told once, when all is over or was cancelled: the job that did it, or the one that failed; nothing if there was
    /// nothing to do.
    using Then = std::function<void(const model::Job *job)>;

    /// What has to be asked before. Nothing if the user wants no questions.
    QList<Question> questions(const Request &request) const;
    /// Does it, or asks by confirmationNeeded().
    void perform(const Request &request);
    /// Does it without asking.
    void performConfirmed(const Request &request, const Then &then = {});
    void startQube(const model::QubeName &qube) { m_model->startQube(qube); }
    void show(const model::DeviceKey &key) { Q_EMIT showRequested(key); }
    void choose(const model::DeviceChoice &choice) { Q_EMIT chooserRequested(choice); }
    void editRules(const model::DeviceChoice &choice) { Q_EMIT rulesRequested(choice); }
    void cancelWaiting(const model::DeviceKey &key);
    /// What failed last with this device, to be tried again.
    std::optional<Request> failed(const model::DeviceKey &key) const;
    void dismissFailure(const model::DeviceKey &key) { m_model->dismissFailure(key); }
    /// Of all devices that `qube` has; nothing: of all qubes.
    void detachAll(const std::optional<model::QubeName> &qube);

    News *news() { return &m_news; }
    /// What is most likely wanted: detach what is attached; else attach where a rule says, or where it was last.
    std::optional<Request> likeliest(const model::DeviceKey &key) const;
    /// The likeliest targets: the qubes that a rule names, then where the device was last, then where others went
    /// last, then what runs; qubes that serve others (networks, devices) at the end. Halted ones by rule or memory
    /// only.
    Suggestions suggestions(const model::DeviceKey &key) const;
    /// What gives the device to that target; nothing if it can't have it.
    std::optional<Request> requestTo(const model::DeviceChoice &choice, const model::Target &target) const;

Q_SIGNALS:
    void confirmationNeeded(const control::Request &request);
    /// The window has more to offer about this device than there is room for elsewhere.
    void showRequested(const model::DeviceKey &device);
    /// All qubes that the device could go to are to be shown.
    void chooserRequested(const model::DeviceChoice &choice);
    void rulesRequested(const model::DeviceChoice &choice);
    /// What was done last is suggested next.
    void suggestionsChanged();

private:
    model::Job *launch(const Request &request);
    void nextRuleStep(const Request &request, qsizetype stepsLeft, const Then &then);
    void onJobFinished(const model::Job *job);

    model::DeviceModel *m_model;
    memory::Settings *m_settings;
    News m_news;
    QHash<model::DeviceKey, Request> m_last; ///< the last request that a job was started for
};

} // namespace control
