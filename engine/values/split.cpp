// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/split.h"

#include <algorithm>

namespace engine {

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string baseName(std::string_view path)
{
    return std::string(path.substr(path.rfind('/') + 1));
}

std::vector<std::string> wordsOf(std::string_view line)
{
    constexpr std::string_view blanks = " \t\n\v\f\r";
    std::vector<std::string> words;
    for (std::size_t at = line.find_first_not_of(blanks); at != std::string_view::npos;) {
        const std::size_t end = line.find_first_of(blanks, at);
        words.emplace_back(line.substr(at, end - at));
        at = line.find_first_not_of(blanks, end);
    }
    return words;
}

} // namespace engine
