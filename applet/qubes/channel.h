// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/failure.h"
#include "request.h"

#include <QObject>

#include <optional>

namespace qubes {

/// One call on its way: the request has been or is being sent, the reply arrives in pieces. Ends exactly once, never
/// before the call that opened it returned, unless it is deleted before: then it is silent.
class Channel : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

Q_SIGNALS:
    void received(const QByteArray &untrustedBytes);
    /// The server said all it had to say, or: why there will be nothing more.
    void ended(const std::optional<model::Failure> &failure);
};

/// A way to the Admin API. `parent` owns the channel; deleting it hangs up (which does not undo what was asked for).
class Transport
{
public:
    virtual ~Transport() = default;
    virtual Channel *open(const Request &request, QObject *parent) = 0;
};

} // namespace qubes
