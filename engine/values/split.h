// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Instead of <sstream>, which brings the C++ library's locales: 300 KiB in each process that stays.

namespace engine {

/// What stands between separators; nothing after the last one if the text ends with it.
std::vector<std::string> split(std::string_view text, char separator);

inline std::vector<std::string> linesOf(std::string_view text)
{
    return split(text, '\n');
}

/// The last part of a path.
std::string baseName(std::string_view path);

/// What stands between blanks, however many.
std::vector<std::string> wordsOf(std::string_view line);

} // namespace engine
