// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <algorithm>

namespace qubes {

namespace {

constexpr qsizetype maxRequest = 65536;
constexpr qsizetype maxQrexecService = 65000;

} // namespace

std::optional<QByteArray> encodeForSocket(const Request &request)
{
    const bool sayable =
        std::all_of(request.argument.begin(), request.argument.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!sayable)
        return std::nullopt;
    QByteArray bytes = request.method + '+' + request.argument + " dom0 name " + request.destination.toLatin1();
    bytes.append('\0');
    bytes.append(request.payload);
    if (bytes.size() > maxRequest)
        return std::nullopt;
    return bytes;
}

std::optional<QByteArray> encodeForQrexec(const Request &request)
{
    const bool sayable = std::all_of(request.argument.begin(), request.argument.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '+' || c == '-';
    });
    QByteArray bytes = request.method + '+' + request.argument;
    if (!sayable || bytes.size() > maxQrexecService || request.payload.size() > maxRequest)
        return std::nullopt;
    return bytes;
}

} // namespace qubes
