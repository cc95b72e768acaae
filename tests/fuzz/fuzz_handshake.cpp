// SPDX-License-Identifier: GPL-2.0-or-later
#include "property.h"
#include "values/handshake.h"

/// What is accepted can be sent on and means the same; what is refused is shown harmlessly.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto handshake = engine::Handshake::parse(asText(data, size));
    if (!handshake) {
        require(isPrintable(handshake.error().text) && handshake.error().text.size() < 150);
        return 0;
    }
    std::string line = handshake->line();
    require(handshake->devId != 0 && line.size() <= engine::Handshake::maxLength);
    line.pop_back();
    const auto again = engine::Handshake::parse(line);
    require(again && again->devId == handshake->devId && again->speed.code() == handshake->speed.code());
    return 0;
}
