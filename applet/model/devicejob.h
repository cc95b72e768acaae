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

    /// The device is there.
    DeviceJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> qube);

    const DeviceKey &key() const { return m_key; }
    /// Success is what the list says afterwards, not what the server answered. It is done with the device that was
    /// there when the job was made, or not at all.
    void attachTo(const QubeName &frontend, const Then &then);
    /// Done when the list says that it is free: the backend takes up to some seconds to let go of it.
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
    std::optional<Failure> whyAnother() const;
    void sendAttach(const QubeName &frontend, const Then &then);
    void sendDetach(const QubeName &frontend, const Then &then);
    /// Reads the list again until the device is (`want`) or is no more (not `want`) at `frontend`.
    void settle(const QubeName &frontend, bool want, const std::optional<Failure> &otherwise, const Then &then);
    void look(const QubeName &frontend, bool want, QElapsedTimer since, const std::optional<Failure> &otherwise,
              const Then &then);
    void lookLater(const QubeName &frontend, bool want, QElapsedTimer since, const std::optional<Failure> &otherwise,
                   const Then &then);

    DeviceKey m_key;
    UsbDevice m_asked; ///< what is plugged in there later is another matter
};

} // namespace model
