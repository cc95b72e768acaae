// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/names.h"

#include <QByteArray>

#include <optional>

namespace qubes {

/// One Admin API call.
struct Request
{
    QByteArray method;
    QByteArray argument = {};
    model::QubeName destination = model::QubeName::dom0();
    QByteArray payload = {};

    bool operator==(const Request &) const = default;
};

/// The bytes for qubesd's socket: "METHOD+ARGUMENT dom0 name DESTINATION\0PAYLOAD"; the half-closed connection ends
/// it (qubes/api/__init__.py). Nothing if the argument can't be said or all is longer than the server reads (65536).
std::optional<QByteArray> encodeForSocket(const Request &request);

/// "METHOD+ARGUMENT" for qrexec-client-vm; nothing if qrexec would change it: it replaces everything outside
/// [A-Za-z0-9_.+-] by '_' without a word (qrexec-daemon.c, sanitize_name).
std::optional<QByteArray> encodeForQrexec(const Request &request);

} // namespace qubes
