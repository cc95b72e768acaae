// SPDX-License-Identifier: GPL-2.0-or-later
#include "category.h"

#include <algorithm>
#include <array>

namespace model {

namespace {

constexpr int any = -1;

struct Meaning
{
    int classCode;
    int subclass;
    int protocol;
    Category category;
};

/// The first that fits, by https://www.usb.org/defined-class-codes; what is not here says nothing.
constexpr std::array meanings = {
    Meaning{0x01, any, any, Category::Audio},       Meaning{0x02, 0x02, 0xff, Category::Network}, // RNDIS
    Meaning{0x02, 0x02, any, Category::Serial},                                                   // ACM
    Meaning{0x02, any, any, Category::Network},     Meaning{0x03, any, 0x01, Category::Keyboard},
    Meaning{0x03, any, 0x02, Category::Mouse},      Meaning{0x03, any, any, Category::Input},
    Meaning{0x06, any, any, Category::Camera},      Meaning{0x07, any, any, Category::Printer},
    Meaning{0x08, any, any, Category::Storage},     Meaning{0x0b, any, any, Category::SmartCard},
    Meaning{0x0e, any, any, Category::Camera},      Meaning{0x10, any, any, Category::Multimedia},
    Meaning{0xe0, 0x01, 0x01, Category::Bluetooth}, Meaning{0xe0, any, any, Category::Network},
    Meaning{0xef, 0x04, any, Category::Network}, // RNDIS
    Meaning{0xff, 0x42, 0x01, Category::Phone},  // Android's adb
    Meaning{0xff, 0x42, 0x03, Category::Phone},  // its boot loader
    Meaning{0xff, 0xfe, 0x02, Category::Phone},  // Apple's usbmux
    Meaning{0xff, 0x5d, any, Category::Input},   // Xbox 360
    Meaning{0xff, 0x47, 0xd0, Category::Input},  // Xbox One
};

/// What a device that has several is for, the first first. Keyboard and mouse share a place: of a gaming mouse and of a
/// keyboard with a pad, the first interface tells.
constexpr std::array<std::pair<Category, int>, 14> ranks = {{
    {Category::SmartCard, 0},
    {Category::Phone, 1},
    {Category::Printer, 2},
    {Category::Bluetooth, 3},
    {Category::Camera, 4},
    {Category::Keyboard, 5},
    {Category::Mouse, 5},
    {Category::Network, 6},
    {Category::Serial, 7},
    {Category::Audio, 8},
    {Category::Multimedia, 9},
    {Category::Storage, 10},
    {Category::Input, 11},
    {Category::Other, 12},
}};

/// Kinds as bits, for what a word may change.
constexpr unsigned bit(Category category)
{
    return 1U << static_cast<unsigned>(category);
}
/// Of which the interfaces say little.
constexpr unsigned vague = bit(Category::Other) | bit(Category::Input);
constexpr unsigned ofKey = vague | bit(Category::Keyboard);
constexpr unsigned ofModem = bit(Category::Other) | bit(Category::Serial) | bit(Category::Storage);
constexpr unsigned ofPhone = vague | bit(Category::Camera) | bit(Category::Network) | bit(Category::Storage) |
                             bit(Category::Serial) | bit(Category::Audio);
constexpr unsigned ofPlayer = vague | bit(Category::Camera) | bit(Category::Storage);
constexpr unsigned ofProbe = vague | bit(Category::Storage);
constexpr unsigned ofPad = vague | bit(Category::Audio);
constexpr unsigned ofTablet = vague | bit(Category::Mouse) | bit(Category::Keyboard);
constexpr unsigned ofOther = bit(Category::Other);

struct Word
{
    const char *text; ///< a blank and how a word begins; with a blank behind it, the whole word
    unsigned instead; ///< of which kinds
    Category category;
};

/// The first that the name has, where the interfaces do not say better.
constexpr std::array kindWords = {
    Word{" fingerprint", vague | bit(Category::Serial), Category::Other},
    Word{" biometric", vague, Category::Other},
    Word{" uninterruptible", vague, Category::Other},
    Word{" ups ", vague, Category::Other},
    Word{" weather", vague, Category::Other},
    Word{" x rite ", vague, Category::Other},
    Word{" yubikey", ofKey, Category::SmartCard},
    Word{" security key", ofKey, Category::SmartCard},
    Word{" fido", ofKey, Category::SmartCard},
    Word{" u2f", ofKey, Category::SmartCard},
    Word{" nitrokey", ofKey, Category::SmartCard},
    Word{" solokey", ofKey, Category::SmartCard},
    Word{" trezor", ofKey, Category::SmartCard},
    Word{" ledger", ofKey, Category::SmartCard},
    Word{" smart card", vague, Category::SmartCard},
    Word{" smartcard", vague, Category::SmartCard},
    Word{" bluetooth", ofOther, Category::Bluetooth},
    Word{" ipod nano", ofPlayer, Category::Multimedia},
    Word{" ipod classic", ofPlayer, Category::Multimedia},
    Word{" ipod shuffle", ofPlayer, Category::Multimedia},
    Word{" sansa", ofPlayer, Category::Multimedia},
    Word{" cyber shot", ofProbe, Category::Camera},
    Word{" pda ", vague, Category::Phone},
    Word{" serial", vague, Category::Serial},
    Word{" uart", vague, Category::Serial},
    Word{" iphone", ofPhone, Category::Phone},
    Word{" ipad", ofPhone, Category::Phone},
    Word{" ipod", ofPhone, Category::Phone},
    Word{" android", ofPhone, Category::Phone},
    Word{" galaxy", ofPhone, Category::Phone},
    Word{" phone", ofPhone, Category::Phone},
    Word{" smartphone", ofPhone, Category::Phone},
    Word{" pixel ", ofPhone, Category::Phone},
    Word{" nexus", ofPhone, Category::Phone},
    Word{" xperia", ofPhone, Category::Phone},
    Word{" mtp", ofPhone, Category::Phone},
    Word{" xbox", ofPad, Category::Input},
    Word{" wlan", ofOther, Category::Network},
    Word{" wifi", ofOther, Category::Network},
    Word{" wi fi", ofOther, Category::Network},
    Word{" 802 11", ofOther, Category::Network},
    Word{" ethernet", ofOther, Category::Network},
    Word{" gigabit", ofOther, Category::Network},
    Word{" ax88", ofOther, Category::Network},
    Word{" wireless network", ofOther, Category::Network},
    Word{" wireless lan", ofOther, Category::Network},
    Word{" wireless adapter", ofOther, Category::Network},
    Word{" wwan", ofOther, Category::Network},
    Word{" modem", ofModem, Category::Network},
    Word{" lte", ofModem, Category::Network},
    Word{" broadband", ofModem, Category::Network},
    Word{" sierra wireless", ofModem, Category::Network},
    Word{" rs232", vague, Category::Serial},
    Word{" rs 232", vague, Category::Serial},
    Word{" arduino", vague, Category::Serial},
    Word{" jtag", vague, Category::Serial},
    Word{" debugger", vague, Category::Serial},
    Word{" programmer", vague, Category::Serial},
    Word{" dfu ", vague, Category::Serial},
    Word{" st link", ofProbe, Category::Serial},
    Word{" j link", ofProbe, Category::Serial},
    Word{" cmsis dap", ofProbe, Category::Serial},
    Word{" daplink", ofProbe, Category::Serial},
    Word{" dualshock", ofPad, Category::Input},
    Word{" dualsense", ofPad, Category::Input},
    Word{" gamepad", ofPad, Category::Input},
    Word{" joystick", ofPad, Category::Input},
    Word{" wireless controller", ofPad, Category::Input},
    Word{" game controller", ofPad, Category::Input},
    Word{" wacom", ofTablet, Category::Input},
    Word{" huion", ofTablet, Category::Input},
    Word{" xp pen", ofTablet, Category::Input},
    Word{" tablet", ofTablet, Category::Input},
    Word{" touchscreen", ofTablet, Category::Input},
    Word{" touch screen", ofTablet, Category::Input},
    Word{" digitizer", ofTablet, Category::Input},
    Word{" webcam", ofOther, Category::Camera},
    Word{" camera", ofOther, Category::Camera},
    Word{" dvb", ofOther, Category::Multimedia},
    Word{" rtl2838", ofOther, Category::Multimedia},
    Word{" tv ", ofOther, Category::Multimedia},
    Word{" sdr ", ofOther, Category::Multimedia},
    Word{" printer", ofOther, Category::Printer},
    Word{" laserjet", ofOther, Category::Printer},
    Word{" headset", vague, Category::Audio},
    Word{" microphone", vague, Category::Audio},
    Word{" audio", ofOther, Category::Audio},
    Word{" keyboard", vague, Category::Keyboard},
    Word{" mouse", vague, Category::Mouse},
    Word{" flash", ofOther, Category::Storage},
    Word{" datatraveler", ofOther, Category::Storage},
    Word{" cruzer", ofOther, Category::Storage},
    Word{" mass storage", ofOther, Category::Storage},
    Word{" card reader", ofOther, Category::Storage},
    Word{" compactflash", ofOther, Category::Storage},
    Word{" disk", ofOther, Category::Storage},
    Word{" ssd ", ofOther, Category::Storage},
};

struct Names
{
    Category category;
    const char *name;
    const char *icon;
    const char *text;
};

constexpr std::array allNames = {
    Names{Category::Network, "network", "network-wired", "Network"},
    Names{Category::Keyboard, "keyboard", "input-keyboard", "Keyboard"},
    Names{Category::Mouse, "mouse", "input-mouse", "Mouse"},
    Names{Category::Input, "input", "input-gaming", "Input"},
    Names{Category::Printer, "printer", "printer", "Printer"},
    Names{Category::Camera, "camera", "camera-web", "Camera"},
    Names{Category::Audio, "audio", "audio-card", "Audio"},
    Names{Category::Multimedia, "multimedia", "multimedia-player", "Multimedia"},
    Names{Category::Storage, "storage", "drive-removable-media", "USB Storage"},
    Names{Category::Bluetooth, "bluetooth", "bluetooth", "Bluetooth"},
    Names{Category::SmartCard, "smartcard", "auth-smartcard", "Smart Card Readers"},
    Names{Category::Serial, "serial", "", "Serial Port"},
    Names{Category::Phone, "phone", "phone", "Phone"},
    Names{Category::Other, "other", "drive-harddisk-usb", "USB device"},
};

const Names &namesOf(Category category)
{
    const auto *const found =
        std::find_if(allNames.begin(), allNames.end(), [category](const Names &n) { return n.category == category; });
    return found == allNames.end() ? allNames.back() : *found;
}

int rankOf(Category category)
{
    const auto *const found =
        std::find_if(ranks.begin(), ranks.end(), [category](const auto &rank) { return rank.first == category; });
    return found == ranks.end() ? static_cast<int>(ranks.size()) : found->second;
}

/// Small letters and digits, a blank for whatever else and at both ends.
QString searchable(const QString &text)
{
    QString plain = QLatin1Char(' ') + text.toLower() + QLatin1Char(' ');
    std::replace_if(
        plain.begin(), plain.end(), [](QChar c) { return !c.isLetterOrNumber(); }, QLatin1Char(' '));
    return plain;
}

Category refined(Category category, const QString &name)
{
    const QString text = searchable(name);
    for (const Word &word : kindWords) {
        if ((word.instead & bit(category)) != 0 && text.contains(QLatin1String(word.text)))
            return word.category;
    }
    return category;
}

bool hasClass(const QList<Interface> &interfaces, int code)
{
    return std::any_of(interfaces.begin(), interfaces.end(), [code](const Interface &interface) {
        return interface.isKnown() && interface.classCode() == code;
    });
}

} // namespace

Category categoryOf(const Interface &interface)
{
    const auto fits = [&](int wanted, std::optional<int> code) { return wanted == any || wanted == code; };
    for (const Meaning &meaning : meanings) {
        if (interface.isKnown() && meaning.classCode == interface.classCode() &&
            fits(meaning.subclass, interface.subclassCode()) && fits(meaning.protocol, interface.protocolCode()))
            return meaning.category;
    }
    return Category::Other;
}

Category categoryOf(const QList<Interface> &interfaces, const QString &words)
{
    Category best = Category::Other;
    for (const Interface &interface : interfaces) {
        const Category category = categoryOf(interface);
        if (rankOf(category) < rankOf(best))
            best = category;
    }
    return refined(best, words);
}

bool hasBootInput(const QList<Interface> &interfaces)
{
    return std::any_of(interfaces.begin(), interfaces.end(), [](const Interface &interface) {
        const Category category = categoryOf(interface);
        return category == Category::Keyboard || category == Category::Mouse ||
               (category == Category::Input && interface.hasWildcard());
    });
}

bool hasInput(const QList<Interface> &interfaces)
{
    return hasClass(interfaces, 0x03);
}

bool hasDisk(const QList<Interface> &interfaces)
{
    return hasClass(interfaces, 0x08);
}

bool areKnown(const QList<Interface> &interfaces)
{
    const auto isKnown = [](const Interface &interface) { return interface.isKnown() && !interface.hasWildcard(); };
    return !interfaces.isEmpty() && std::all_of(interfaces.begin(), interfaces.end(), isKnown);
}

QString categoryName(Category category)
{
    return QString::fromLatin1(namesOf(category).name);
}

QString categoryIconName(Category category)
{
    return QString::fromLatin1(namesOf(category).icon);
}

QString categoryText(Category category)
{
    return QString::fromLatin1(namesOf(category).text);
}

} // namespace model
