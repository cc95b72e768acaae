// SPDX-License-Identifier: GPL-2.0-or-later
#include "device.h"

namespace model {

const char *deviceStateName(DeviceState state)
{
    switch (state) {
    case DeviceState::Free:
        return "free";
    case DeviceState::Attaching:
        return "attaching";
    case DeviceState::Attached:
        return "attached";
    case DeviceState::Detaching:
        return "detaching";
    case DeviceState::Moving:
        return "moving";
    case DeviceState::Failed:
        return "failed";
    }
    return "failed";
}

} // namespace model
