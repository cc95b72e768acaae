// SPDX-License-Identifier: GPL-2.0-or-later
#include "property.h"
#include "values/report.h"

/// What is accepted is one printable line that means the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto report = engine::Report::parse(asText(data, size));
    if (!report)
        return 0;
    std::string line = report->line();
    require(line.ends_with('\n'));
    line.pop_back();
    require(isPrintable(line));
    const auto again = engine::Report::parse(line);
    require(again && again->localBusid == report->localBusid &&
            again->failure.has_value() == report->failure.has_value());
    require(!report->failure ||
            (again->failure->fault == report->failure->fault && again->failure->text == report->failure->text));
    return 0;
}
