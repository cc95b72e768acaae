// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/lease.h"
#include "property.h"

/// What is accepted is written again as it was understood.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = asText(data, size);
    if (const auto lease = engine::ExportLease::parse(text)) {
        const auto again = engine::ExportLease::parse(lease->text());
        require(again && again->text() == lease->text());
        require(lease->driver.find('/') == std::string::npos);
    }
    if (const auto lease = engine::ImportLease::parse(text)) {
        const auto again = engine::ImportLease::parse(lease->text());
        require(again && again->text() == lease->text());
    }
    return 0;
}
