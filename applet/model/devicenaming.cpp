// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicenaming.h"

#include <QStringList>

#include <algorithm>
#include <array>

namespace model {

namespace {

/// Ids of these vendors are handed on to whoever asks, so the owner of the id did not make the device: OpenMoko,
/// pid.codes, Van Ooijen, Linux gadgets (two), "Multiple Vendors".
constexpr std::array<quint16, 6> sharedVendors = {0x1d50, 0x1209, 0x16c0, 0x1d6b, 0x0525, 0x1781};

/// How firms of the world write that they are one; in lower case, without dots.
constexpr std::array legalForms = {"inc", "incorporated", "corp", "corporation", "co",  "ltd",     "coltd", "limited",
                                   "llc", "gmbh",         "ag",   "sa",          "ab",  "bv",      "nv",    "oy",
                                   "oyj", "as",           "a/s",  "pte",         "pty", "plc",     "kg",    "srl",
                                   "spa", "se",           "sas",  "sarl",        "kk",  "company", "sro",   "doo"};

bool isHex(QStringView text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
    });
}

/// The id that a text is in place of a name: udev writes it where a device has no string.
std::optional<quint16> idIn(QStringView text)
{
    if (text.size() != 4 || !isHex(text))
        return std::nullopt;
    return static_cast<quint16>(text.toUInt(nullptr, 16));
}

PlainText named(const PlainText &text, quint16 id)
{
    const QString plain = text.toString().simplified();
    const bool says = !plain.isEmpty() && plain.compare(QLatin1String("unknown"), Qt::CaseInsensitive) != 0 &&
                      idIn(plain) != id && !plain.startsWith(QLatin1String("shared ID"), Qt::CaseInsensitive);
    return says ? text : PlainText();
}

PlainText firstOf(std::initializer_list<PlainText> texts)
{
    for (const PlainText &text : texts) {
        if (!text.isEmpty())
            return text;
    }
    return {};
}

PlainText vendorOf(const UsbDevice &device, const HardwareNames &names)
{
    const quint16 id = device.vendorId;
    PlainText own = named(device.manufacturer, id);
    if (own.toString().startsWith(QLatin1String("Linux ")))
        own = {}; // a gadget tells its kernel there
    if (std::find(sharedVendors.begin(), sharedVendors.end(), id) != sharedVendors.end())
        return own;
    return firstOf({named(device.vendor, id), device.hasIds() ? names.vendor(id) : PlainText(), own});
}

PlainText productOf(const UsbDevice &device, const HardwareNames &names)
{
    // The wire's "name" is not looked at: servers put the serial number there.
    const quint16 id = device.productId;
    return firstOf(
        {named(device.product, id), device.hasIds() ? named(names.product(device.vendorId, id), id) : PlainText()});
}

/// "Kingston Technology" of "Kingston Technology Company Inc.", "JMicron Technology" of "JMicron Technology Corp. / …".
QString makerIn(const QString &vendor)
{
    QString text = vendor;
    for (const QLatin1String cut :
         {QLatin1String(" ("), QLatin1String(" / "), QLatin1String(" ["), QLatin1String(" - ")}) {
        const qsizetype at = text.indexOf(cut);
        if (at > 0)
            text.truncate(at);
    }
    QStringList words = text.replace(QLatin1Char(','), QLatin1Char(' ')).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const auto isLegal = [](QString word) {
        word = word.toLower().remove(QLatin1Char('.'));
        return word == QLatin1String("&") || std::any_of(legalForms.begin(), legalForms.end(),
                                                         [&](const char *form) { return word == QLatin1String(form); });
    };
    while (words.size() > 1 && isLegal(words.last()))
        words.removeLast();
    return words.join(QLatin1Char(' '));
}

QString lettersOf(const QString &word)
{
    QString letters;
    std::copy_if(word.begin(), word.end(), std::back_inserter(letters), [](QChar c) { return c.isLetterOrNumber(); });
    return letters.toLower();
}

/// Whether a product's name has its maker's already.
bool namesMaker(const QString &product, const QString &maker)
{
    const QString first = lettersOf(maker.section(QLatin1Char(' '), 0, 0));
    const QStringList words = product.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return first.size() > 1 &&
           std::any_of(words.begin(), words.end(), [&](const QString &word) { return lettersOf(word) == first; });
}

PlainText joined(const PlainText &vendor, const PlainText &product)
{
    const QString maker = makerIn(vendor.toString());
    if (product.isEmpty())
        return PlainText::fromUntrusted(maker);
    if (maker.isEmpty() || namesMaker(product.toString(), maker))
        return product;
    return PlainText::fromUntrusted(QStringLiteral("%1 (%2)").arg(product.toString(), maker));
}

/// A serial number at the end of a text, as far as it can be told from a word.
bool looksLikeSerial(const QString &word)
{
    constexpr qsizetype shortest = 12;
    constexpr qsizetype fewestDigits = 4;
    return word.size() >= shortest &&
           std::count_if(word.begin(), word.end(), [](QChar c) { return c.isDigit(); }) >= fewestDigits &&
           std::all_of(word.begin(), word.end(), [](QChar c) { return c.isLetterOrNumber(); });
}

/// The ids that R4.1 and R4.2 tell in place of a text, where the device has none.
std::optional<std::pair<quint16, quint16>> idsInText(const QStringList &words)
{
    const auto vendor = words.isEmpty() ? std::nullopt : idIn(words.at(0));
    const auto product = words.size() < 2 ? std::nullopt : idIn(words.at(1));
    return vendor && product ? std::optional(std::pair(*vendor, *product)) : std::nullopt;
}

QStringList wordsOf(const PlainText &text)
{
    return text.toString().split(QLatin1Char(' '), Qt::SkipEmptyParts);
}

/// R4.1 and R4.2: "MAKER MODEL SERIAL" in one, in the device's own words, or ids where it has none.
PlainText nameInText(const UsbDevice &device, const HardwareNames &names)
{
    QStringList words = wordsOf(device.text);
    if (const auto ids = idsInText(words)) {
        const PlainText name = joined(names.vendor(ids->first), names.product(ids->first, ids->second));
        return name.isEmpty() ? device.text : name;
    }
    if (words.size() > 1 && words.at(0).compare(words.at(1), Qt::CaseInsensitive) == 0)
        words.removeFirst();
    if (words.size() > 2 && looksLikeSerial(words.last()))
        words.removeLast();
    return PlainText::fromUntrusted(words.join(QLatin1Char(' ')));
}

QString classText(const UsbDevice &device, const HardwareNames &names)
{
    const Category category = device.category();
    if (category != Category::Other)
        return categoryText(category);
    for (const Interface &interface : device.interfaces) {
        const auto code = interface.classCode();
        const PlainText text = code ? names.interfaceText(*code, interface.subclassCode().value_or(-1),
                                                          interface.protocolCode().value_or(-1))
                                    : PlainText();
        if (!text.isEmpty())
            return text.toString();
    }
    return categoryText(Category::Other);
}

} // namespace

PlainText deviceName(const UsbDevice &device, const HardwareNames &names)
{
    if (!device.text.isEmpty())
        return nameInText(device, names);
    return joined(vendorOf(device, names), productOf(device, names));
}

bool isProductNamed(const UsbDevice &device, const HardwareNames &names)
{
    if (const auto ids = idsInText(wordsOf(device.text)))
        return !names.product(ids->first, ids->second).isEmpty();
    return !device.text.isEmpty() || !productOf(device, names).isEmpty();
}

QString deviceDescription(const UsbDevice &device, const HardwareNames &names)
{
    QString what;
    if (!device.text.isEmpty()) {
        what = device.text.toString();
    } else {
        const PlainText vendor = vendorOf(device, names);
        const PlainText product = productOf(device, names);
        what = (vendor.isEmpty() ? QStringLiteral("unknown vendor") : vendor.toString()) + QLatin1Char(' ') +
               (product.isEmpty() ? QStringLiteral("unknown usb device") : product.toString());
    }
    return classText(device, names) + QStringLiteral(": ") + what;
}

} // namespace model
