// SPDX-License-Identifier: GPL-2.0-or-later
#include "event.h"

#include <algorithm>

namespace qubes {

using model::Hint;
using model::QubeName;
using About = model::Hint::About;

namespace {

/// The next field at `at`, which moves behind it; nothing if it is not complete yet.
std::optional<QByteArray> takeField(const QByteArray &buffer, qsizetype &at)
{
    const qsizetype end = buffer.indexOf('\0', at);
    if (end < 0)
        return std::nullopt;
    const QByteArray field = buffer.mid(at, end - at);
    at = end + 1;
    return field;
}

std::optional<Event> takeEvent(const QByteArray &buffer, qsizetype &at)
{
    Event event;
    const auto subject = takeField(buffer, at);
    const auto name = subject ? takeField(buffer, at) : std::nullopt;
    if (!name)
        return std::nullopt;
    event.untrustedSubject = *subject;
    event.untrustedName = *name;
    for (;;) {
        const auto key = takeField(buffer, at);
        if (!key)
            return std::nullopt;
        if (key->isEmpty())
            return event;
        const auto value = takeField(buffer, at);
        if (!value)
            return std::nullopt;
        event.untrustedFields.append({*key, *value});
    }
}

/// "sys-usb:2-1:…" in the field "device" or, since R4.3, "port".
std::optional<QubeName> backendIn(const Event &event)
{
    QByteArray device = event.field("port");
    if (device.isEmpty())
        device = event.field("device");
    return QubeName::parse(QByteArrayView(device).first(std::max<qsizetype>(device.indexOf(':'), 0)));
}

bool isOneOf(const QByteArray &name, std::initializer_list<const char *> names)
{
    return std::any_of(names.begin(), names.end(), [&](const char *one) { return name == one; });
}

} // namespace

QByteArray Event::field(QByteArrayView key) const
{
    for (const auto &[name, value] : untrustedFields) {
        if (name == key)
            return value;
    }
    return {};
}

bool EventParser::feed(QByteArrayView untrustedBytes, QList<Event> &events)
{
    m_buffer.append(untrustedBytes.data(), untrustedBytes.size());
    qsizetype done = 0;
    for (;;) {
        const QByteArrayView rest = QByteArrayView(m_buffer).sliced(done);
        const QByteArrayView magic("1\0", 2);
        if (rest.first(std::min<qsizetype>(rest.size(), 2)) != magic.first(std::min<qsizetype>(rest.size(), 2)))
            return false;
        if (rest.size() < 2)
            break;
        // Every event ends with the empty key, so with two NULs; do not cut it into fields before such are there.
        if (done == 0 && m_scanned > 2 && m_buffer.indexOf(QByteArrayView("\0\0", 2), m_scanned - 2) < 0)
            break;
        qsizetype at = done + 2;
        auto event = takeEvent(m_buffer, at);
        if (!event)
            break;
        events.append(std::move(*event));
        done = at;
    }
    m_buffer.remove(0, done);
    m_scanned = m_buffer.size();
    return m_buffer.size() <= maxEvent;
}

bool isConnectionEstablished(const Event &event)
{
    return event.untrustedSubject.isEmpty() && event.untrustedName == "connection-established";
}

QList<Hint> hintsOf(const Event &event)
{
    const auto subject = QubeName::parse(QByteArrayView(event.untrustedSubject));
    const QByteArray &name = event.untrustedName;

    if (isOneOf(name, {"domain-add", "domain-delete"}))
        return {Hint{About::Qubes, {}, {}}};
    if (!subject)
        return {};
    // Any change of a qube's life; "pre" and other early ones only cost a look that is too early.
    if (isOneOf(name, {"domain-pre-start", "domain-spawn", "domain-start", "domain-start-failed", "domain-pre-shutdown",
                       "domain-shutdown-failed", "domain-stopped", "domain-shutdown", "domain-paused",
                       "domain-unpaused", "domain-resumed"}))
        return {Hint{About::Qubes, subject, {}}};
    if (isOneOf(name, {"device-list-change:usb", "device-added:usb", "device-removed:usb",
                       "domain-qdb-change:/qubes-usb-devices"}))
        return {Hint{About::Devices, subject, {}}};
    if (isOneOf(name, {"device-attach:usb", "device-detach:usb", "device-pre-attach:usb", "device-pre-detach:usb"}))
        return {Hint{About::Attachments, subject, backendIn(event)}};
    if (isOneOf(name, {"device-assign:usb", "device-unassign:usb", "device-assignment-changed:usb"}))
        return {Hint{About::Assignments, subject, {}}};
    if (name.startsWith("domain-feature-set:internal") || name.startsWith("domain-feature-delete:internal"))
        return {Hint{About::Internal, subject, {}}};
    // Whether a halted qube has a USB controller is asked after its properties.
    if (isOneOf(name, {"device-assign:pci", "device-unassign:pci", "device-attach:pci", "device-detach:pci"}))
        return {Hint{About::Properties, subject, {}}};
    for (const char *const property : {"label", "icon", "is_preload", "devices_denied", "template_for_dispvms",
                                       "auto_cleanup", "guivm", "virt_mode"}) {
        if (name == QByteArray("property-set:") + property || name == QByteArray("property-reset:") + property)
            return {Hint{About::Properties, subject, {}}};
    }
    // A GUI domain may see a qube only from now on, or no more.
    if (name.startsWith("domain-tag-add:guivm-") || name.startsWith("domain-tag-delete:guivm-"))
        return {Hint{About::Qubes, subject, {}}, Hint{About::Devices, subject, {}},
                Hint{About::Properties, subject, {}}};
    return {};
}

} // namespace qubes
