// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/result.h"

#include <QByteArray>
#include <QList>

namespace qubes {

/// The content of a complete reply, or the failure that it tells: "0\0content", "2\0class\0traceback\0message\0…", or
/// nothing at all (qubes/api/__init__.py). The content is as untrusted as whoever made it.
model::Result<QByteArray> parseReply(const QByteArray &untrustedBytes);

/// What the server's exception means to us. `message` as it came: some classes bring Python's quotes along.
model::Failure failureOf(const QByteArray &exceptionClass, const QByteArray &untrustedMessage);

} // namespace qubes
