// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/usbguard.h"

#include "base/subprocess.h"

namespace engine {

bool isBlocked(const UsbDevice &device)
{
    return device.dir().find("authorized") == "0";
}

Result<void> allow(const Paths &paths, const UsbDevice &device)
{
    if (!findProgram("usbguard", paths.programs).empty()) {
        // Its failure shows in what is read below.
        static_cast<void>(runProgram({"usbguard", "allow-device", "via-port \"" + device.busid().text() + '"'},
                                     std::chrono::seconds(10), paths.programs));
    }
    if (isBlocked(device)) {
        if (const auto written = device.dir().write("authorized", "1"); !written)
            return written;
    }
    if (isBlocked(device))
        return Error{Fault::Unsuitable,
                     "device " + device.busid().text() + " is blocked in this qube (usbguard?): allow it there first"};
    return {};
}

} // namespace engine
