// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "job.h"
#include "qubessystem.h"

#include <QElapsedTimer>
#include <QPointer>

namespace model {

/// A job about one device: the steps that the jobs are made of.
class DeviceJob : public Job
{
    Q_OBJECT
protected:
    /// Told once, when the step has ended and the list has been read again: nothing, or why it failed.
    using Then = std::function<void(const std::optional<Failure> &failure)>;

    DeviceJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> qube);

    const DeviceKey &key() const { return m_key; }
    /// The device as the user saw it when he asked; what is plugged in there later is another matter.
    const std::optional<UsbDevice> &asked() const { return m_asked; }

    /// Success is what the list says afterwards, not what the server answered.
    void attachTo(const QubeName &frontend, const Then &then);
    /// Done when the device is really free: the backend takes up to some seconds to let go of it.
    void detachFrom(const QubeName &frontend, const Then &then);

    /// Makes a callback that does nothing once this job is gone.
    template <typename F>
    auto whileAlive(F function)
    {
        return [guard = QPointer<DeviceJob>(this), function = std::move(function)](const auto &...arguments) {
            if (guard)
                function(arguments...);
        };
    }

private:
    void sendDetach(const QubeName &frontend, const Then &then);
    /// Reads the list again until the device is (`want`) or is no more (not `want`) at `frontend`.
    void settle(const QubeName &frontend, bool want, const std::optional<Failure> &otherwise, const Then &then);
    void look(const QubeName &frontend, bool want, QElapsedTimer since, const std::optional<Failure> &otherwise,
              const Then &then);

    DeviceKey m_key;
    std::optional<UsbDevice> m_asked;
};

} // namespace model
