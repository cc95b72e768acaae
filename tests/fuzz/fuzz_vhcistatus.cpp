// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vhci.h"
#include "property.h"
#include "values/busid.h"

/// Ports have states that the kernel knows and names that are names.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string text = "hub port sta spd dev      sockfd local_busid\n" + std::string(asText(data, size));
    for (const std::string_view status : {asText(data, size), std::string_view(text)}) {
        const auto ports = engine::parseVhciStatus(status);
        if (!ports) {
            require(isPrintable(ports.error().text));
            continue;
        }
        for (const engine::VhciPort &port : *ports) {
            require(port.state >= engine::VhciPort::State::Free && port.state <= engine::VhciPort::State::Error);
            require(port.localBusid.empty() || engine::BusId::parse(port.localBusid));
        }
    }
    return 0;
}
