// SPDX-License-Identifier: GPL-2.0-or-later
#include "category.h"

#include <algorithm>
#include <array>

namespace model {

namespace {

struct Pattern
{
    const char *text;
    Category category;
};

constexpr std::array patterns = {
    Pattern{"u02****", Category::Network},   Pattern{"ue0****", Category::Network},
    Pattern{"u03**01", Category::Keyboard},  Pattern{"u03**02", Category::Mouse},
    Pattern{"u03****", Category::Input},     Pattern{"u07****", Category::Printer},
    Pattern{"u06****", Category::Camera},    Pattern{"u0e****", Category::Camera},
    Pattern{"u01****", Category::Audio},     Pattern{"u10****", Category::Multimedia},
    Pattern{"u08****", Category::Storage},   Pattern{"ue00101", Category::Bluetooth},
    Pattern{"u0b****", Category::SmartCard}, Pattern{"*******", Category::Other},
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
    Names{Category::Other, "other", "drive-harddisk-usb", "USB device"},
};

const Names &namesOf(Category category)
{
    const auto *const found =
        std::find_if(allNames.begin(), allNames.end(), [category](const Names &n) { return n.category == category; });
    return found == allNames.end() ? allNames.back() : *found;
}

/// Equal characters, or -1 if the pattern does not match.
int score(const char *pattern, const QByteArray &interface)
{
    int equal = 0;
    for (qsizetype i = 0; i < Interface::length; ++i) {
        if (pattern[i] == interface.at(i))
            ++equal;
        else if (pattern[i] != '*')
            return -1;
    }
    return equal;
}

} // namespace

Category categoryOf(const Interface &interface)
{
    Category best = Category::Other;
    int bestScore = -1;
    for (const Pattern &pattern : patterns) {
        const int points = score(pattern.text, interface.bytes());
        if (points > bestScore) {
            bestScore = points;
            best = pattern.category;
        }
    }
    return best;
}

Category categoryOf(const QList<Interface> &interfaces)
{
    for (const Interface &interface : interfaces) {
        const Category category = categoryOf(interface);
        if (category != Category::Other)
            return category;
    }
    return Category::Other;
}

bool isInputDevice(const QList<Interface> &interfaces)
{
    return std::any_of(interfaces.begin(), interfaces.end(), [](const Interface &interface) {
        const Category category = categoryOf(interface);
        return category == Category::Keyboard || category == Category::Mouse || category == Category::Input;
    });
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
