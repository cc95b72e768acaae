// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/uevents.h"
#include "property.h"
#include "values/busid.h"

/// A datagram of anything makes no event but of a whole device.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto event = engine::Uevent::parse(asText(data, size));
    require(!event || (engine::BusId::parse(event->busid) && event->action.find('\0') == std::string::npos));
    return 0;
}
