// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json.h"

namespace engine {

std::string jsonString(std::string_view text)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            quoted += "\\u00";
            quoted += digits[byte >> 4U];
            quoted += digits[byte & 15U];
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string jsonObject(const std::vector<std::pair<std::string, std::string>> &members)
{
    std::string object = "{";
    for (const auto &[name, value] : members)
        object += (object.size() > 1 ? ", " : "") + jsonString(name) + ": " + value;
    return object + '}';
}

std::string jsonArray(const std::vector<std::string> &values)
{
    std::string array = "[";
    for (const std::string &value : values)
        array += (array.size() > 1 ? ",\n " : "\n ") + value;
    return array + "\n]";
}

} // namespace engine
