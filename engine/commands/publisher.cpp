// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/publisher.h"

#include "values/untrusted.h"

#include <algorithm>

namespace engine {

namespace {

/// One field: no blanks. `raw` is used, escaped, where udev knows nothing.
std::string field(const std::string &encoded, const std::string &raw)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : encoded.empty() ? raw : encoded) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f) {
            text += c;
        } else {
            text += "\\x";
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
    }
    return text;
}

std::string attribute(const UsbDevice &device, const char *name)
{
    return device.dir().find(name).value_or("");
}

/// ID_USB_INTERFACES of udev's usb_id: ":080650:0e0100:".
std::string interfacesOf(const UsbDevice &device)
{
    std::string all = ":";
    const std::string prefix = device.busid().text() + ':';
    for (const std::string &name : listFolder(device.dir().realPath())) {
        if (!name.starts_with(prefix))
            continue;
        const auto interface = SysfsDir::open(device.dir().realPath() + '/' + name);
        if (!interface)
            continue;
        const std::string triple = interface->find("bInterfaceClass").value_or("") +
                                   interface->find("bInterfaceSubClass").value_or("") +
                                   interface->find("bInterfaceProtocol").value_or("") + ':';
        if (triple.size() == 7 && all.find(':' + triple) == std::string::npos)
            all += triple;
    }
    return all;
}

} // namespace

QubesDb::Device describe(const UsbDevice &device, const Properties &properties)
{
    const std::string version = cleanText(attribute(device, "version"), 8);
    const std::string interfaces = properties("ID_USB_INTERFACES");
    return {device.vendorAndProduct() + ' ' + field(properties("ID_VENDOR_ENC"), attribute(device, "manufacturer")) +
                ' ' + field(properties("ID_MODEL_ENC"), attribute(device, "product")) + ' ' +
                field(properties("ID_SERIAL_SHORT"), attribute(device, "serial")),
            version.substr(0, version.find('.')), interfaces.empty() ? interfacesOf(device) : interfaces};
}

Result<void> publishEvent(const Paths &paths, std::string_view action, const BusId &busid, const Properties &properties)
{
    const QubesDb db(paths);
    if (action == "remove")
        return db.withdraw(busid);
    const auto device = UsbDevice::open(paths, busid);
    if (!device || device->isHub() || device->isImported() || properties("QUBES_EXPORT_USB_DEVICE") == "0")
        return {};
    return db.publish(busid, describe(*device, properties));
}

} // namespace engine
