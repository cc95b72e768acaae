// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "failure.h"
#include "names.h"

#include <QObject>

#include <functional>
#include <optional>

namespace model {

class DeviceModel;

/// Something that was asked for and takes its time. Made by DeviceModel, which also deletes it some time after it has
/// ended (do not keep the pointer after finished()). Ends exactly once, never before the call that made it returned.
class Job : public QObject
{
    Q_OBJECT
public:
    enum class Kind {
        Attach,
        Detach,
        Move,
        StartAndAttach,
        AttachToDisposable,
        DetachAndShutdown,
        Assign,
        Unassign,
        SetMode,
        StartQube,
    };
    enum class Step {
        Waiting,
        CreatingDisposable,
        Starting,
        Detaching,
        Attaching,
        GivingBack,
        CleaningUp,
        ShuttingDown,
        Changing
    };
    enum class End { Done, Failed, TimedOut, Cancelled };
    /// What became of undoing a step that the job had already done.
    struct Undo
    {
        enum class Outcome { NotNeeded, Done, Failed };
        Outcome outcome = Outcome::NotNeeded;
        std::optional<Failure> failure = {}; ///< why it could not be undone

        bool isDone() const { return outcome == Outcome::Done; }
        bool hasFailed() const { return outcome == Outcome::Failed; }
    };

    ~Job() override;

    Kind kind() const { return m_kind; }
    /// Nothing for StartQube.
    const std::optional<DeviceKey> &device() const { return m_device; }
    /// The qube it is about: where the device goes, or where it leaves. AttachToDisposable: known once created.
    const std::optional<QubeName> &qube() const { return m_qube; }
    /// Where the device was when another qube was to get it.
    const std::optional<QubeName> &from() const { return m_from; }
    /// What the device was called when it was asked for; it may be another one by now, or gone.
    const PlainText &subject() const { return m_subject; }
    Step step() const { return m_step; }

    bool hasEnded() const { return m_end.has_value(); }
    /// The rest only once it has ended.
    End end() const { return m_end.value_or(End::Failed); }
    /// Why, unless the end is Done.
    const std::optional<Failure> &failure() const { return m_failure; }
    /// Whether the device was given back to from().
    const Undo &givenBack() const { return m_givenBack; }
    /// Whether the disposable that was made for the device was killed again.
    const Undo &removed() const { return m_removed; }

    /// Ends the job as Cancelled at once. A step that is under way at the server goes on there, no further one is
    /// begun except to undo, and the list tells what came of it. Until that is over the device can be given no other
    /// job.
    void cancelWaiting();

Q_SIGNALS:
    void stepChanged(model::Job::Step step);
    void finished();
    /// All is over, undoing included. For DeviceModel.
    void over();

protected:
    Job(DeviceModel *model, Kind kind, std::optional<DeviceKey> device, std::optional<QubeName> qube);

    friend class DeviceModel; // begin() is its alone to call
    /// Begins with the next turn of the event loop.
    void begin();

    virtual void run() = 0;
    DeviceModel *model() const { return m_model; }
    void setStep(Step step);
    void setQube(const QubeName &qube) { m_qube = qube; }
    void setSubject(const PlainText &name) { m_subject = name; }
    void setFrom(std::optional<QubeName> qube) { m_from = std::move(qube); }
    void setGivenBack(const Undo &undo) { m_givenBack = undo; }
    void setRemoved(const Undo &undo) { m_removed = undo; }
    /// The last thing a job does, on every path: ends it unless it was cancelled before.
    void complete(const std::optional<Failure> &failure);

private:
    void endAs(End end, const std::optional<Failure> &failure);

    DeviceModel *m_model;
    Kind m_kind;
    std::optional<DeviceKey> m_device;
    std::optional<QubeName> m_qube;
    std::optional<QubeName> m_from;
    PlainText m_subject;
    Step m_step = Step::Waiting;
    std::optional<End> m_end;
    std::optional<Failure> m_failure;
    Undo m_givenBack;
    Undo m_removed;
};

} // namespace model
