// SPDX-License-Identifier: GPL-2.0-or-later
#include "property.h"
#include "values/untrusted.h"

#include <algorithm>

/// What a backend writes to its stderr, and what a device calls itself: one printable line, no longer than was said,
/// that is not changed by being cleaned once more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = asText(data, size);
    const std::size_t limit = size > 0 ? data[0] : 0;
    const std::string clean = engine::cleanText(text, limit);
    require(isPrintable(clean) && clean.size() <= limit && clean.find("  ") == std::string::npos);
    require(engine::cleanText(clean, limit) == clean);
    const std::string last = engine::lastLines(text, limit);
    require(isPrintable(last) && last.size() <= limit);
    // The last line that says something is in it, as far as there is room.
    std::string_view rest = text;
    while (!rest.empty() && engine::cleanText(rest.substr(rest.rfind('\n') + 1), limit).empty())
        rest = rest.substr(0, std::max<std::size_t>(rest.rfind('\n') + 1, 1) - 1);
    require(last.ends_with(engine::cleanText(rest.substr(rest.rfind('\n') + 1), limit)));
    return 0;
}
