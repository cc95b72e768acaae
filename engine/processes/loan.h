// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.h"
#include "processes/lease.h"
#include "processes/settle.h"
#include "processes/timelimits.h"

#include <exception>
#include <utility>

namespace engine {

/// What a keeper has under a lease; settled when this ends. If the keeper is killed, whoever comes next does.
template <typename Lease>
class Loan
{
public:
    /// `name`: of the device, for the log.
    Loan(const Paths &paths, const Log &log, std::string name, Lease lease)
        : m_paths(paths)
        , m_log(log)
        , m_name(std::move(name))
        , m_lease(std::move(lease))
    {
    }
    Loan(const Loan &) = delete;
    Loan &operator=(const Loan &) = delete;
    ~Loan() { static_cast<void>(end()); }

    Lease &lease() { return m_lease; }
    /// Writes the lease as it is now. Nothing may be changed before this has succeeded.
    Result<void> save()
    {
        auto saved = Leases(m_paths).save(m_lease);
        m_begun = m_begun || saved;
        return saved;
    }
    /// Once; the destructor does it otherwise. An exception is a failure as any other: the lease stays for the next.
    Result<void> end()
    {
        if (!std::exchange(m_begun, false))
            return {};
        Result<void> settled;
        try {
            settled = settle(m_paths, m_lease, Deadline(settleTime));
        } catch (const std::exception &thrown) {
            settled = exceptionError(thrown);
        }
        if (!settled)
            m_log.failure(m_name + " cannot be put right: " + settled.error().text);
        return settled;
    }
    /// Nothing was changed after all.
    void drop()
    {
        if (std::exchange(m_begun, false))
            Leases(m_paths).remove(keyOf(m_lease));
    }

private:
    static const BusId &keyOf(const ExportLease &lease) { return lease.busid; }
    static const ImportKey &keyOf(const ImportLease &lease) { return lease.key; }

    Paths m_paths;
    const Log &m_log;
    std::string m_name;
    Lease m_lease;
    bool m_begun = false;
};

} // namespace engine
