// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/deadline.h"
#include "base/locktable.h"
#include "base/paths.h"
#include "base/uniquefd.h"
#include "kernel/sysfsdir.h"
#include "values/result.h"
#include "values/speed.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// A port of the virtual host controllers, a line of a status file (status_show() in drivers/usb/usbip/vhci_sysfs.c).
struct VhciPort
{
    enum class State {
        Free = 4,       ///< nothing connected
        Connecting = 5, ///< connected, no address yet
        Used = 6,       ///< has an address
        Error = 7,      ///< only "detach" helps
    };
    unsigned number = 0;
    unsigned controller = 0;
    bool isSuper = false;
    State state = State::Free;
    std::uint32_t devId = 0;
    std::string localBusid; ///< what the device is or will be called here, "3-1"; also for a free port
};

/// Lines of one status file: header, then one line a port. Lines that cannot be read are left out: what is on such a
/// port is not touched. Refuses a file without a header of 4.13 and later.
Result<std::vector<VhciPort>> parseVhciStatus(std::string_view text);

/// The frontend's virtual host controllers: all of them, not just the first.
class Vhci
{
public:
    explicit Vhci(const Paths &paths);

    /// Loads the module and requires both root hubs: reading or attaching in between crashes kernels.
    Result<void> load(Deadline deadline) const;
    Result<std::vector<VhciPort>> ports() const;
    /// Names of the root hubs of all controllers, "usb3".
    std::vector<std::string> rootHubs() const;
    /// Reads no more than it takes to find it.
    Result<VhciPort> port(unsigned number) const;
    /// The same port as it is now; reads its own controller's file only.
    Result<VhciPort> look(const VhciPort &port) const;
    /// Picks a free port of the speed's hub and hands the connection to the kernel, which holds it alone from then on.
    /// `before` is called with each port right before it is tried. Ports in the error state are cleared first.
    /// Fault::Busy if there is none. Says nothing about the peer yet: watch the port.
    Result<VhciPort> attach(LockTable &locks, std::uint32_t devId, const Speed &speed, UniqueFd socket,
                            Deadline deadline, const std::function<Result<void>(const VhciPort &)> &before) const;
    /// Ends whatever is on the port; only for what no living process holds. All is well if nothing is.
    Result<void> detach(unsigned number) const;

private:
    std::string rootHub(unsigned controller, bool isSuper) const;
    Result<std::vector<VhciPort>> portsOf(const SysfsDir &dir, unsigned controller) const;
    /// An error without a number if the controller has no such port.
    Result<VhciPort> portOf(const SysfsDir &dir, unsigned controller, unsigned number) const;
    void clearErrors(const std::vector<VhciPort> &ports, Deadline deadline) const;
    bool isFree(const VhciPort &port, bool isSuper) const;
    Result<void> tryAttach(const VhciPort &port, std::uint32_t devId, unsigned speedCode, int socket) const;

    Paths m_paths;
};

} // namespace engine
