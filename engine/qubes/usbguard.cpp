// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/usbguard.h"

#include "base/helper.h"
#include "base/subprocess.h"

namespace engine {

namespace {

/// Through usbguard if it is there, and in any case: `authorized` is what counts.
Result<void> setAuthorized(const Paths &paths, const UsbDevice &device, bool allowed, Deadline deadline)
{
    if (!findProgram("usbguard", paths.programs).empty()) {
        // Its failure shows in what is read below; one that hangs leaves time for that.
        static_cast<void>(runProgram(
            {"usbguard", allowed ? "allow-device" : "block-device", "via-port \"" + device.busid().text() + '"'},
            deadline.within(deadline.left() / 2), paths.programs));
    }
    if (device.isBlocked() != allowed)
        return {};
    return callOrGiveUp(paths, device.busid().text(),
                        std::string(allowed ? "allowing" : "blocking") + " device " + device.busid().text(), deadline,
                        device.dir().fd(), [&] { return device.dir().write("authorized", allowed ? "1" : "0"); });
}

} // namespace

Result<void> allow(const Paths &paths, const UsbDevice &device, Deadline deadline)
{
    if (const auto done = setAuthorized(paths, device, true, deadline); !done)
        return done;
    if (device.isBlocked())
        return Error{Fault::Unsuitable,
                     "device " + device.busid().text() + " is blocked in this qube (usbguard?): allow it there first"};
    return {};
}

Result<void> block(const Paths &paths, const UsbDevice &device, Deadline deadline)
{
    if (const auto done = setAuthorized(paths, device, false, deadline); !done)
        return done;
    if (!device.isBlocked() && device.isPresent())
        return Error{Fault::System, "device " + device.busid().text() +
                                        " was blocked in this qube before and cannot be blocked again: it is kept away "
                                        "from the drivers of this qube; unplug it"};
    return {};
}

} // namespace engine
