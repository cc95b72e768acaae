// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubelines.h"

#include <array>
#include <cstring>

namespace qubes {

using model::Generation;
using model::Interface;
using model::LabelName;
using model::PlainText;
using model::PowerState;
using model::QubeClass;
using model::QubeListing;
using model::QubeName;

namespace {

template <typename T>
struct Word
{
    const char *text;
    T value;
};

constexpr std::array classWords = {
    Word<QubeClass>{"AdminVM", QubeClass::Admin},       Word<QubeClass>{"AppVM", QubeClass::App},
    Word<QubeClass>{"DispVM", QubeClass::Disposable},   Word<QubeClass>{"StandaloneVM", QubeClass::Standalone},
    Word<QubeClass>{"TemplateVM", QubeClass::Template}, Word<QubeClass>{"RemoteVM", QubeClass::Remote},
};

constexpr std::array stateWords = {
    Word<PowerState>{"Halted", PowerState::Halted},       Word<PowerState>{"Transient", PowerState::Transient},
    Word<PowerState>{"Running", PowerState::Running},     Word<PowerState>{"Paused", PowerState::Paused},
    Word<PowerState>{"Suspended", PowerState::Suspended}, Word<PowerState>{"Halting", PowerState::Halting},
    Word<PowerState>{"Dying", PowerState::Dying},         Word<PowerState>{"Crashed", PowerState::Crashed},
};

template <typename Words, typename T>
T wordOr(const Words &words, const QByteArray &text, T otherwise)
{
    for (const auto &word : words) {
        if (text == word.text)
            return word.value;
    }
    return otherwise;
}

QByteArray unescaped(const QByteArray &text)
{
    QByteArray out;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text.at(i) == '\\' && i + 1 < text.size()) {
            ++i;
            out.append(text.at(i) == 'n' ? '\n' : text.at(i));
        } else {
            out.append(text.at(i));
        }
    }
    return out;
}

/// The property "devices_denied": interfaces of all buses, each as its bus (b, u, m, p, or * for any) and six digits or
/// wildcards (_setter_denied_list in qubes/vm/qubesvm.py). One that cannot be read denies all: somebody wanted
/// something kept away.
QList<Interface> parseDenied(QByteArrayView untrusted)
{
    const auto all = Interface::parse("u******");
    QList<Interface> denied;
    for (; !untrusted.isEmpty(); untrusted = untrusted.sliced(7)) {
        if (untrusted.size() < 7)
            return {*all};
        // As if it were USB's: the digits are of the same form for all.
        const auto one = Interface::parse('u' + untrusted.sliced(1, 6).toByteArray());
        const char bus = untrusted.front();
        if (!one || !std::strchr("u*bmp", bus))
            return {*all};
        if (bus == 'u' || bus == '*')
            denied.append(*one);
    }
    return denied;
}

} // namespace

model::QubeList parseQubeList(const QByteArray &untrusted)
{
    model::QubeList list;
    list.generation = Generation::Legacy;
    for (const QByteArray &line : untrusted.split('\n')) {
        const QList<QByteArray> words = line.split(' ');
        const auto name = QubeName::parse(QByteArrayView(words.front()));
        if (!name)
            continue;
        QubeListing listing{*name};
        bool hasClass = false;
        bool hasState = false;
        for (const QByteArray &word : words.mid(1)) {
            const qsizetype equals = word.indexOf('=');
            const QByteArray key = word.left(std::max<qsizetype>(equals, 0));
            const QByteArray value = word.mid(equals + 1);
            if (key == "class") {
                hasClass = true;
                listing.qubeClass = wordOr(classWords, value, QubeClass::Other);
            } else if (key == "state") {
                hasState = true;
                listing.state = wordOr(stateWords, value, PowerState::Unknown);
            } else if (key == "uuid") {
                list.generation = Generation::Modern;
            }
        }
        if (hasClass && hasState)
            list.qubes.append(listing);
    }
    return list;
}

std::optional<QByteArray> parseProperty(const QByteArray &untrusted)
{
    const qsizetype first = untrusted.indexOf(' ');
    const qsizetype second = first < 0 ? -1 : untrusted.indexOf(' ', first + 1);
    if (second < 0 || !untrusted.startsWith("default=") || untrusted.mid(first + 1, 5) != "type=")
        return std::nullopt;
    return untrusted.mid(second + 1);
}

model::QubeProperties parseProperties(const QByteArray &untrusted)
{
    model::QubeProperties properties;
    for (const QByteArray &line : untrusted.split('\n')) {
        const qsizetype space = line.indexOf(' ');
        const auto raw = space < 0 ? std::nullopt : parseProperty(line.mid(space + 1));
        if (!raw)
            continue;
        const QByteArray name = line.left(space);
        const QByteArray value = unescaped(*raw);
        if (name == "label")
            properties.label = LabelName::parse(QByteArrayView(value));
        else if (name == "icon" && LabelName::parse(QByteArrayView(value)))
            properties.icon = PlainText::fromUntrusted(value);
        else if (name == "template_for_dispvms")
            properties.disposableTemplate = value == "True";
        else if (name == "provides_network")
            properties.providesNetwork = value == "True";
        else if (name == "auto_cleanup")
            properties.autoCleanup = value == "True";
        else if (name == "is_preload")
            properties.preloaded = value == "True";
        else if (name == "virt_mode")
            properties.canHavePci = value != "pvh";
        else if (name == "devices_denied")
            properties.denied = parseDenied(QByteArrayView(value));
    }
    return properties;
}

std::optional<quint32> parseLabelColor(const QByteArray &untrusted)
{
    bool ok = false;
    const quint32 color = untrusted.mid(2).toUInt(&ok, 16);
    if (!ok || untrusted.size() != 8 || !untrusted.startsWith("0x"))
        return std::nullopt;
    return color;
}

bool parseFeature(const QByteArray &untrusted)
{
    return !untrusted.isEmpty();
}

} // namespace qubes
