// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "device.h"
#include "devicenaming.h"
#include "inventory.h"
#include "job.h"
#include "qubessystem.h"
#include "refresher.h"

#include <QMap>
#include <QObject>
#include <QTimer>

namespace model {

/// How a device came into the list.
enum class Appearance {
    Listed, ///< it was there already when its backend was read for the first time
    PluggedIn
};

/// How it left the list.
enum class Disappearance {
    Unplugged,
    BackendGone ///< its backend ended
};

/// What can be said about a qube as a place of devices.
struct BackendStatus
{
    enum class Kind {
        Reading,    ///< not read yet
        Listed,     ///< its rows are what it has
        Halted,     ///< has no rows because it does not run; starting it may bring some
        Unreadable, ///< its rows, if any, may be old; `problem` tells why
    };
    Kind kind = Kind::Reading;
    std::optional<Failure> problem = {};
    int unreadableRows = 0; ///< devices that the backend lists and nobody can read
    int unshownRows = 0;    ///< devices beyond what any machine has; a backend that is not honest may list any number
};

/// A qube that a device could go to.
struct Target
{
    enum class Kind {
        Running,
        Halted,            ///< startAndAttach()
        DisposableTemplate ///< attachToDisposable()
    };
    Kind kind = Kind::Running;
    QubeName qube;
    std::optional<Failure> obstacle = {}; ///< why it can't (paused, deny list, policy): show it, disabled
    std::optional<Interface> denied = {}; ///< with DeniedInterface: which
    bool preferred = false;               ///< a rule assigns the device to it
};

/// Which device is meant: whatever is at that port, or, if `seen` says what was there when somebody looked, that one or
/// none.
struct DeviceChoice
{
    DeviceKey key;
    std::optional<DeviceIdentity> seen = {};

    // NOLINTNEXTLINE(google-explicit-constructor): a place alone is a choice
    DeviceChoice(const DeviceKey &at, std::optional<DeviceIdentity> as = {})
        : key(at)
        , seen(std::move(as))
    {
    }
};

/// The single truth: all that is known about devices and qubes, and every operation on them. Only reads make state;
/// events only make it look again. All is asynchronous; nothing here blocks or calls back before it returned.
class DeviceModel : public QObject
{
    Q_OBJECT
public:
    struct Timing
    {
        Refresher::Timing refresh = {};
        std::chrono::milliseconds old{5000};            ///< lookIfOld() reads again what is older
        std::chrono::milliseconds settlePoll{300};      ///< between looks for the effect of an attach or detach
        std::chrono::milliseconds settleLimit{8000};    ///< how long the effect may take after the server said OK
        std::chrono::milliseconds lostLimit{30000};     ///< how long a job waits for a connection that broke under it
        std::chrono::milliseconds withoutEvents{15000}; ///< between looks where events are not allowed
        std::chrono::milliseconds heal{600000};         ///< between looks for what no event told
        std::chrono::milliseconds failureShown{300000}; ///< then its row is as before
    };

    /// Neither `system` nor `names` is owned; both outlive the model.
    DeviceModel(QubesSystem *system, const HardwareNames *names, Timing timing, QObject *parent = nullptr);
    ~DeviceModel() override;

    /// Connects and reads everything.
    void start();

    // --- what is there -------------------------------------------------------------------------------------------
    Connection connection() const;
    bool isConnected() const;
    Generation generation() const { return m_inventory.generation(); }
    /// True once everything has been read after a connect, however many reads failed.
    bool isReady() const { return m_ready; }

    /// Ordered by backend, then port.
    QList<DeviceKey> devices() const { return m_rows.keys(); }
    QList<DeviceKey> devicesOf(const QubeName &backend) const;
    /// Valid until the next change; nothing if there is no such row.
    const Device *device(const DeviceKey &key) const;
    /// What to call a device; empty if only its place is known.
    PlainText name(const UsbDevice &device) const { return deviceName(device, *m_names); }
    bool isProductNamed(const UsbDevice &device) const { return model::isProductNamed(device, *m_names); }
    QString description(const UsbDevice &device) const { return deviceDescription(device, *m_names); }

    /// Qubes that have a section: those with devices, those that can't be read, and halted ones that have a USB
    /// controller or are remembered.
    /// Ordered by name.
    QList<QubeName> backends() const;
    BackendStatus backendStatus(const QubeName &backend) const;
    /// Backends of earlier sessions (from the settings), so that a halted one can be offered to be started.
    void setRememberedBackends(const QList<QubeName> &backends);

    QList<QubeName> qubes() const;
    const Qube *qube(const QubeName &name) const { return m_inventory.qube(name); }
    /// The template of new disposables where nobody says which, once it has been read.
    const std::optional<QubeName> &defaultDisposable() const { return m_defaultDisposable; }
    /// 0xRRGGBB of a qube's label; black until it is known.
    quint32 labelColor(const Qube &qube) const;
    /// Where the device can go: preferred ones first, then by kind and name. Without its own backend and the qube that
    /// has it.
    QList<Target> targets(const DeviceKey &key) const;

    /// What is being done with the device. One that was cancelled, so that it has ended, stays until it is over.
    Job *activeJob(const DeviceKey &key) const { return m_jobs.value(key); }
    QList<Job *> activeJobs() const;

    // --- what can be done; each gives a Job that ends once -----------------------------------------------------
    Job *attach(const DeviceChoice &choice, const QubeName &to) { return transfer(Job::Kind::Attach, choice, to); }
    Job *detach(const DeviceChoice &choice) { return release(Job::Kind::Detach, choice); }
    Job *move(const DeviceChoice &choice, const QubeName &to) { return transfer(Job::Kind::Move, choice, to); }
    /// These two take the device from the qube that has it, if one has, when the other is ready to get it.
    Job *startAndAttach(const DeviceChoice &choice, const QubeName &to)
    {
        return transfer(Job::Kind::StartAndAttach, choice, to);
    }
    Job *attachToDisposable(const DeviceChoice &choice, const QubeName &disposableTemplate)
    {
        return transfer(Job::Kind::AttachToDisposable, choice, disposableTemplate);
    }
    Job *detachAndShutdown(const DeviceChoice &choice) { return release(Job::Kind::DetachAndShutdown, choice); }
    /// R4.3+: Automatic or Ask, by scope. R4.1/4.2: Persistent, by port, of a device that is attached to `frontend`.
    Job *assign(const DeviceChoice &choice, const QubeName &frontend, AssignScope scope, AssignMode mode);
    Job *unassign(const DeviceChoice &choice, const Assignment &assignment);
    Job *setAssignMode(const DeviceChoice &choice, const Assignment &assignment, AssignMode mode);
    Job *startQube(const QubeName &qube);

    /// A row in state Failed becomes what it is.
    void dismissFailure(const DeviceKey &key);
    /// Reads everything again, now.
    void refresh();
    /// To be called when people are about to look, and now and then: reads what is old, failed or has not been wanted
    /// so far (rules).
    void lookIfOld();

    // --- for jobs ----------------------------------------------------------------------------------------------
    /// Why the device at that port is not the one that was meant, if it is not.
    std::optional<Failure> whyAnother(const DeviceChoice &choice) const;
    QubesSystem *system() const { return m_system; }
    const Timing &timing() const { return m_timing; }
    /// Reads all that tells where a device is; `then` hears, once, whether that worked.
    void reread(const DeviceKey &key, const QubeName &frontend, std::function<void(bool read)> then);
    void rereadAssignments(const QubeName &frontend, std::function<void(bool read)> then);
    /// The list of qubes is about to be outdated.
    void lookAgain();

Q_SIGNALS:
    void connectionChanged(model::Connection connection);
    void readyChanged(bool ready);

    void deviceAdded(const model::DeviceKey &key, model::Appearance appearance);
    void deviceChanged(const model::DeviceKey &key);
    /// `last` is what was known; with attachedTo it was removed while in use.
    void deviceRemoved(const model::Device &last, model::Disappearance disappearance);
    /// The truth changed, whoever did it. Not sent for what is found at the first look.
    void deviceAttached(const model::DeviceKey &key, const model::QubeName &frontend);
    void deviceDetached(const model::DeviceKey &key, const model::QubeName &frontend);

    /// All that one reading has changed has been told: what costs more than a row is brought up to date now, once.
    void synced();

    void backendsChanged();
    void backendChanged(const model::QubeName &backend);
    void qubeAdded(const model::QubeName &qube);
    void qubeChanged(const model::QubeName &qube);
    void qubeRemoved(const model::QubeName &qube);

    void jobStarted(model::Job *job);
    /// After job->finished() and after the rows have changed; undoing may still go on.
    void jobFinished(model::Job *job);

private:
    using What = ReadKey::What;

    void onConnection(Connection connection);
    void onHint(const Hint &hint);
    void read(const ReadKey &key, quint64 ticket);
    /// Ends a read: counts it, applies it, tells those who wait. `apply` is not called for answers of an earlier life.
    template <typename T, typename Apply>
    void concluded(const ReadKey &key, quint64 ticket, const Result<T> &result, Apply apply);
    void applyQubes(const Result<QubeList> &list);
    void applyDevices(const QubeName &backend, const Result<DeviceList> &list);
    void applyProperties(const QubeName &qube, const Result<QubeProperties> &properties);
    void wantFirst(const Qube &qube);
    void wantUsbController(const QubeName &name);
    void wantAll();
    void wantLabel(const LabelName &label);
    void readEverything();

    /// Makes the rows what inventory and jobs say, and tells of every difference.
    void sync();
    Device rowOf(const UsbDevice &usb) const;
    void markAmbiguous(QMap<DeviceKey, Device> &rows) const;
    void tellDifference(const Device &old, const Device &now);
    void checkBackends();

    /// Gives it to another qube, or takes it from the one that has it; for the kinds of either.
    Job *transfer(Job::Kind kind, const DeviceChoice &choice, const QubeName &to);
    Job *release(Job::Kind kind, const DeviceChoice &choice);
    template <typename J>
    Job *launch(J *job);
    Job *refuse(Job::Kind kind, const DeviceChoice &choice, std::optional<QubeName> qube, Failure failure);
    std::optional<Failure> whyNot(const DeviceChoice &choice) const;
    std::optional<Failure> whyNotTo(const DeviceChoice &choice, const QubeName &frontend) const;
    void onJobFinished(Job *job);
    void showFailure(const DeviceKey &key, const Failure &failure);
    /// Its device is nobody's any more.
    void letGo(const Job *job);

    QubesSystem *m_system;
    const HardwareNames *m_names;
    Timing m_timing;
    Refresher m_refresher;
    Inventory m_inventory;
    QMap<DeviceKey, Device> m_rows;
    QHash<DeviceKey, Job *> m_jobs;
    struct ShownFailure
    {
        Failure failure;
        quint64 number = 0; ///< a later one is not taken away when the time of this one is over
    };
    QHash<DeviceKey, ShownFailure> m_failures;
    quint64 m_lastFailure = 0;
    QHash<LabelName, quint32> m_labelColors;
    std::optional<QubeName> m_defaultDisposable;
    QList<QubeName> m_rememberedBackends;
    QList<QubeName> m_shownBackends;
    QSet<QubeName> m_shownListed; ///< backends whose complete list the rows show
    QTimer m_pollTimer;
    QTimer m_healTimer;
    bool m_ready = false;
    bool m_listed = false;         ///< the list of qubes has been tried since the connect
    bool m_everythingIsOld = true; ///< the next list of qubes is followed by reading all of them
    bool m_wantAll = false;        ///< rules as well: wanted by the first who looks
};

} // namespace model
