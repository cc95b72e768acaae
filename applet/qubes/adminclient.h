// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "callqueue.h"
#include "eventstream.h"
#include "model/qubessystem.h"

#include <memory>

namespace qubes {

/// Qubes, spoken to over the Admin API of any release from R4.1 on.
class AdminClient : public model::QubesSystem
{
    Q_OBJECT
public:
    struct Settings
    {
        std::chrono::milliseconds quickDeadline{10000};
        /// Attach, start and the like: the server has no limit of its own, and a start may take longer than a minute.
        std::chrono::milliseconds slowDeadline{120000};
        CallQueue::Limits limits = {};
        EventStream::Timing events = {};
    };

    AdminClient(std::unique_ptr<Transport> transport, Settings settings, QObject *parent = nullptr);
    ~AdminClient() override;

    void start() override;
    model::Connection connection() const override { return m_connection; }

    void listQubes(model::Answer<model::QubeList> answer) override;
    void readDefaultDisposable(model::Answer<std::optional<model::QubeName>> answer) override;
    void readProperties(const model::QubeName &qube, model::Answer<model::QubeProperties> answer) override;
    void readInternal(const model::QubeName &qube, model::Answer<bool> answer) override;
    void readUsbController(const model::QubeName &qube, model::Answer<bool> answer) override;
    void readDevices(const model::QubeName &backend, model::Answer<model::DeviceList> answer) override;
    void readAttached(const model::QubeName &frontend, model::Answer<model::FrontendLists> answer) override;
    void readAssigned(const model::QubeName &frontend, model::Answer<QList<model::Assignment>> answer) override;
    void readLabelColor(const model::LabelName &label, model::Answer<quint32> answer) override;

    void attach(const model::QubeName &frontend, const model::UsbDevice &device,
                model::Answer<model::Done> answer) override;
    void detach(const model::QubeName &frontend, const model::DeviceKey &device,
                model::Answer<model::Done> answer) override;
    void startQube(const model::QubeName &qube, model::Answer<model::Done> answer) override;
    void shutdownQube(const model::QubeName &qube, model::Answer<model::Done> answer) override;
    void killQube(const model::QubeName &qube, model::Answer<model::Done> answer) override;
    void createDisposable(const model::QubeName &disposableTemplate, model::Answer<model::QubeName> answer) override;
    void assign(const model::Assignment &assignment, model::Answer<model::Done> answer) override;
    void unassign(const model::Assignment &assignment, model::Answer<model::Done> answer) override;
    void setAssignMode(const model::Assignment &assignment, model::AssignMode mode,
                       model::Answer<model::Done> answer) override;

private:
    template <typename T, typename Parse>
    void ask(const Request &request, CallQueue::Lane lane, model::Answer<T> answer, Parse parse);
    void command(const Request &request, CallQueue::Lane lane, model::Answer<model::Done> answer);
    template <typename T>
    void fail(const model::Answer<T> &answer, model::Reason reason);
    void onStream(EventStream::State state);
    bool isLegacy() const { return m_generation == model::Generation::Legacy; }

    std::unique_ptr<Transport> m_transport;
    Settings m_settings;
    CallQueue m_calls;
    EventStream m_stream;
    model::Connection m_connection = model::Connection::Connecting;
    model::Generation m_generation = model::Generation::Unknown;
};

} // namespace qubes
