// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicelines.h"

#include "pairs.h"

#include <array>

namespace qubes {

using model::Assignment;
using model::AssignMode;
using model::Attachment;
using model::DeviceId;
using model::DeviceKey;
using model::DeviceList;
using model::Interface;
using model::PlainText;
using model::PortId;
using model::QubeName;
using model::UsbDevice;

namespace {

QList<QByteArray> linesOf(const QByteArray &untrusted)
{
    QList<QByteArray> lines = untrusted.split('\n');
    lines.removeIf([](const QByteArray &line) { return line.isEmpty(); });
    return lines;
}

PlainText textOf(const SerialisedLine &line, const char *key)
{
    const QByteArray value = line.untrustedPairs.value(key);
    return value == "unknown" ? PlainText() : PlainText::fromUntrusted(value);
}

std::optional<UsbDevice> parseDevice(const QubeName &backend, const QByteArray &untrustedLine)
{
    const auto line = parseSerialisedLine(untrustedLine);
    if (!line)
        return std::nullopt;
    const auto &pairs = line->untrustedPairs;
    const auto port = PortId::parse(QByteArrayView(pairs.value("port_id")));
    const auto id = DeviceId::parse(pairs.value("device_id"));
    // The head is raw, so only its begin can be relied on; and a backend speaks for itself only.
    if (!port || !id || pairs.value("devclass") != "usb" || pairs.value("backend_domain") != backend.toLatin1() ||
        !line->untrustedHead.startsWith(port->toLatin1() + ':'))
        return std::nullopt;
    const auto interfaces = Interface::parseList(pairs.value("interfaces"));
    if (!interfaces || !pairs.contains("interfaces"))
        return std::nullopt;
    UsbDevice device{DeviceKey{backend, *port}};
    device.id = *id;
    device.vendorId = id->vendor();
    device.productId = id->product();
    device.interfaces = *interfaces;
    device.vendor = textOf(*line, "vendor");
    device.product = textOf(*line, "product");
    device.manufacturer = textOf(*line, "manufacturer");
    device.serial = textOf(*line, "serial");
    device.whereabouts.known = true;
    if (pairs.contains("attachment")) {
        device.whereabouts.frontend = QubeName::parse(QByteArrayView(pairs.value("attachment")));
        if (!device.whereabouts.frontend)
            return std::nullopt;
    }
    return device;
}

/// udev's escapes: "\x20" is a blank; and udev writes '_' for what it replaced, blanks mostly.
PlainText legacyText(const QByteArray &untrusted)
{
    QByteArray out;
    for (qsizetype i = 0; i < untrusted.size(); ++i) {
        bool ok = false;
        if (untrusted.at(i) == '\\' && untrusted.mid(i + 1, 1) == "x") {
            const int code = untrusted.mid(i + 2, 2).toInt(&ok, 16);
            if (ok && untrusted.mid(i + 2, 2).size() == 2) {
                out.append(static_cast<char>(code));
                i += 3;
                continue;
            }
        }
        out.append(untrusted.at(i) == '_' ? ' ' : untrusted.at(i));
    }
    return PlainText::fromUntrusted(out);
}

/// Takes "VVVV:PPPP" and its separator off the front of `text`.
bool takeIds(QByteArray &text, quint16 &vendor, quint16 &product)
{
    // The parser of device ids knows what these look like; an id with empty serial and interfaces is one.
    if (text.size() < 10 || (text.at(9) != '_' && text.at(9) != ' '))
        return false;
    const auto id = DeviceId::parse(text.left(9) + "::");
    if (!id)
        return false;
    vendor = id->vendor();
    product = id->product();
    text.remove(0, 10);
    return true;
}

std::optional<UsbDevice> parseLegacyDevice(const QubeName &backend, const QByteArray &untrustedLine)
{
    const QByteArrayView marker(" description=");
    const qsizetype description = untrustedLine.indexOf(marker);
    if (description < 0)
        return std::nullopt;
    // The text comes last and may hold anything, so only what is before it is cut into words.
    const QList<QByteArray> words = untrustedLine.left(description).split(' ');
    const auto port = PortId::parse(QByteArrayView(words.front()));
    if (!port)
        return std::nullopt;
    UsbDevice device{DeviceKey{backend, *port}};
    QByteArray text = untrustedLine.mid(description + marker.size());
    takeIds(text, device.vendorId, device.productId);
    device.text = legacyText(text);
    for (const QByteArray &word : words.mid(1)) {
        if (!word.startsWith("attachment="))
            continue;
        const QByteArray value = word.mid(11);
        device.whereabouts.known = true;
        if (value != "None") {
            device.whereabouts.frontend = QubeName::parse(QByteArrayView(value));
            if (!device.whereabouts.frontend)
                return std::nullopt;
        }
        break;
    }
    return device;
}

template <typename Parse>
DeviceList parseRows(const QByteArray &untrusted, Parse parse)
{
    DeviceList list;
    for (const QByteArray &line : linesOf(untrusted)) {
        if (auto device = parse(line))
            list.devices.append(std::move(*device));
        else
            ++list.unreadable;
    }
    return list;
}

struct ModeWord
{
    const char *text;
    AssignMode mode;
};

constexpr std::array modeWords = {
    ModeWord{"manual", AssignMode::Manual},
    ModeWord{"ask-to-attach", AssignMode::Ask},
    ModeWord{"auto-attach", AssignMode::Automatic},
    ModeWord{"required", AssignMode::Required},
};

std::optional<AssignMode> parseMode(const QByteArray &text)
{
    for (const ModeWord &word : modeWords) {
        if (text == word.text)
            return word.mode;
    }
    return std::nullopt;
}

/// "BACKEND+IDENT" of R4.1/4.2.
std::optional<DeviceKey> parseLegacyKey(const QByteArray &text)
{
    const qsizetype plus = text.indexOf('+');
    const auto backend = QubeName::parse(QByteArrayView(text).first(std::max<qsizetype>(plus, 0)));
    const auto port = PortId::parse(QByteArrayView(text).sliced(plus + 1));
    if (!backend || !port)
        return std::nullopt;
    return DeviceKey{*backend, *port};
}

} // namespace

DeviceList parseDevices(const QubeName &backend, const QByteArray &untrusted)
{
    return parseRows(untrusted, [&](const QByteArray &line) { return parseDevice(backend, line); });
}

DeviceList parseLegacyDevices(const QubeName &backend, const QByteArray &untrusted)
{
    return parseRows(untrusted, [&](const QByteArray &line) { return parseLegacyDevice(backend, line); });
}

QList<Attachment> parseAttached(const QByteArray &untrusted)
{
    QList<Attachment> attached;
    for (const QByteArray &row : linesOf(untrusted)) {
        const auto line = parseSerialisedLine(row);
        if (!line || line->untrustedPairs.value("devclass") != "usb")
            continue;
        const auto port = PortId::parse(QByteArrayView(line->untrustedPairs.value("port_id")));
        const auto backend = QubeName::parse(QByteArrayView(line->untrustedPairs.value("backend_domain")));
        if (port && backend && line->untrustedHead.startsWith(backend->toLatin1() + '+' + port->toLatin1() + ':'))
            attached.append(Attachment{DeviceKey{*backend, *port}, false});
    }
    return attached;
}

QList<Assignment> parseAssigned(const QubeName &frontend, const QByteArray &untrusted)
{
    QList<Assignment> assigned;
    for (const QByteArray &row : linesOf(untrusted)) {
        const auto line = parseSerialisedLine(row);
        if (!line || line->untrustedPairs.value("devclass") != "usb")
            continue;
        const QByteArray port = line->untrustedPairs.value("port_id");
        const QByteArray id = line->untrustedPairs.value("device_id");
        const auto backend = QubeName::parse(QByteArrayView(line->untrustedPairs.value("backend_domain")));
        const auto mode = parseMode(line->untrustedPairs.value("mode"));
        if (!backend || !mode)
            continue;
        Assignment rule{frontend, *backend, PortId::parse(QByteArrayView(port)), DeviceId::parse(id), *mode};
        // '*' is any; what is neither that nor a port or id is no rule that we could show or change.
        if ((!rule.port && port != "*") || (!rule.device && id != "*"))
            continue;
        assigned.append(rule);
    }
    return assigned;
}

model::FrontendLists parseLegacyList(const QubeName &frontend, const QByteArray &untrusted)
{
    model::FrontendLists lists;
    for (const QByteArray &row : linesOf(untrusted)) {
        const QList<QByteArray> words = row.split(' ');
        const auto key = parseLegacyKey(words.front());
        if (!key)
            continue;
        const bool persistent = words.mid(1).contains("persistent=yes");
        lists.attached.append(Attachment{*key, persistent});
        if (persistent)
            lists.assigned.append(Assignment{frontend, key->backend, key->port, {}, AssignMode::Persistent});
    }
    return lists;
}

} // namespace qubes
