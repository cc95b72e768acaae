// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "assignment.h"
#include "qube.h"
#include "result.h"
#include "usbdevice.h"

#include <QObject>

namespace model {

/// Which device API the server speaks. Told apart at run time, by the list of qubes.
enum class Generation {
    Unknown,
    Legacy, ///< R4.1, R4.2
    Modern, ///< R4.3 and later
};

enum class Connection {
    Connecting,
    Connected,
    WithoutEvents, ///< calls work, but policy does not let us hear of changes: look now and then
    Disconnected,
};

struct QubeList
{
    Generation generation = Generation::Unknown;
    QList<QubeListing> qubes = {};
};

struct DeviceList
{
    QList<UsbDevice> devices = {};
    int unreadable = 0; ///< rows that are no device
};

struct FrontendLists
{
    QList<Attachment> attached = {};
    QList<Assignment> assigned = {}; ///< R4.1/4.2 tell both in one answer; empty with R4.3+
};

/// Something changed. Never the new state itself: events lie, come late, twice or not at all.
struct Hint
{
    enum class About {
        Qubes,       ///< one came, went, started, ended, …
        Properties,  ///< label, icon, deny list, … of `qube`
        Internal,    ///< the feature "internal" of `qube`
        Devices,     ///< the devices of the backend `qube`
        Attachments, ///< what is attached to the frontend `qube`
        Assignments, ///< automatic rules of the frontend `qube`
    };
    About about = About::Qubes;
    std::optional<QubeName> qube = {};
    std::optional<QubeName> backend = {}; ///< with Attachments: whose device
};

/// What the model asks of Qubes. Every call is asynchronous and answered exactly once, with a value or a failure,
/// within its deadline; calls for different qubes do not wait for each other.
class QubesSystem : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// Connects, and from then on stays connected or keeps trying.
    virtual void start() = 0;
    virtual Connection connection() const = 0;

    virtual void listQubes(Answer<QubeList> answer) = 0;
    /// The template of new disposables where nobody says which; nothing if there is none.
    virtual void readDefaultDisposable(Answer<std::optional<QubeName>> answer) = 0;
    virtual void readProperties(const QubeName &qube, Answer<QubeProperties> answer) = 0;
    virtual void readInternal(const QubeName &qube, Answer<bool> answer) = 0;
    /// Whether the qube gets a USB controller when it starts.
    virtual void readUsbController(const QubeName &qube, Answer<bool> answer) = 0;
    virtual void readDevices(const QubeName &backend, Answer<DeviceList> answer) = 0;
    virtual void readAttached(const QubeName &frontend, Answer<FrontendLists> answer) = 0;
    virtual void readAssigned(const QubeName &frontend, Answer<QList<Assignment>> answer) = 0;
    /// 0xRRGGBB of a label.
    virtual void readLabelColor(const LabelName &label, Answer<quint32> answer) = 0;

    virtual void attach(const QubeName &frontend, const UsbDevice &device, Answer<Done> answer) = 0;
    /// The server may look at the port only: read what is attached first (see DetachStep in job.cpp).
    virtual void detach(const QubeName &frontend, const DeviceKey &device, Answer<Done> answer) = 0;
    virtual void startQube(const QubeName &qube, Answer<Done> answer) = 0;
    virtual void shutdownQube(const QubeName &qube, Answer<Done> answer) = 0;
    virtual void killQube(const QubeName &qube, Answer<Done> answer) = 0;
    virtual void createDisposable(const QubeName &disposableTemplate, Answer<QubeName> answer) = 0;
    virtual void assign(const Assignment &assignment, Answer<Done> answer) = 0;
    virtual void unassign(const Assignment &assignment, Answer<Done> answer) = 0;
    virtual void setAssignMode(const Assignment &assignment, AssignMode mode, Answer<Done> answer) = 0;

Q_SIGNALS:
    /// Connected means: events flow from now on, list again.
    void connectionChanged(model::Connection connection);
    void hint(const model::Hint &hint);
};

} // namespace model
