// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine {

/// Text as a JSON string; bytes outside ASCII become "\u00XX".
std::string jsonString(std::string_view text);

/// Members, their values being JSON already, as a JSON object on one line.
std::string jsonObject(const std::vector<std::pair<std::string, std::string>> &members);

/// Values, being JSON already, as an array with one line each.
std::string jsonArray(const std::vector<std::string> &values);

} // namespace engine
