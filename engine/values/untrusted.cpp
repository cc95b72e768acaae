// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/untrusted.h"

#include <algorithm>
#include <vector>

namespace engine {

std::string cleanText(std::string_view untrusted, std::size_t limit)
{
    constexpr std::string_view mark = "...";
    std::string clean;
    bool blankBefore = false;
    for (const char c : untrusted) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            blankBefore = !clean.empty();
            continue;
        }
        if (clean.size() + (blankBefore ? 2 : 1) > limit) {
            clean.resize(std::min(clean.size(), limit - std::min(limit, mark.size())));
            return clean.append(mark.substr(0, limit));
        }
        if (blankBefore)
            clean += ' ';
        blankBefore = false;
        clean += c > 0x20 && c < 0x7f ? c : '_';
    }
    return clean;
}

std::string lastLines(std::string_view untrusted, std::size_t limit)
{
    std::vector<std::string> lines;
    while (!untrusted.empty()) {
        const std::size_t end = untrusted.find('\n');
        std::string line = cleanText(untrusted.substr(0, end), limit);
        if (!line.empty() && (lines.empty() || lines.back() != line))
            lines.push_back(std::move(line));
        untrusted.remove_prefix(end == std::string_view::npos ? untrusted.size() : end + 1);
    }
    std::string joined;
    for (std::size_t i = lines.size(); i-- > 0;) {
        const std::string &line = lines[i];
        if (joined.empty())
            joined = line;
        else if (line.size() + 2 + joined.size() <= limit)
            joined.insert(0, line + "; ");
        else
            break;
    }
    return joined;
}

std::optional<std::uint64_t> parseNumber(std::string_view untrusted, std::uint64_t max)
{
    if (untrusted.empty() || (untrusted.size() > 1 && untrusted.front() == '0'))
        return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : untrusted) {
        if (c < '0' || c > '9')
            return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (max - digit) / 10)
            return std::nullopt;
        value = value * 10 + digit;
    }
    return value <= max ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> parsePaddedNumber(std::string_view untrusted, std::uint64_t max)
{
    while (untrusted.size() > 1 && untrusted.front() == '0')
        untrusted.remove_prefix(1);
    return parseNumber(untrusted, max);
}

} // namespace engine
