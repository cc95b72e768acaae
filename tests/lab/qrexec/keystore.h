// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lab {

/// The QubesDB of one qube. Paths are shorter than 64 bytes and values at most 3072 (the sizes in qubesdb.h),
/// a path begins with '/'.
class KeyStore
{
public:
    static constexpr std::size_t maxPath = 63;
    static constexpr std::size_t maxValue = 3072;

    /// Empty when fine, else the name of the error.
    static std::string checkPath(const std::string &path);
    static std::string checkValue(const std::string &value);

    std::optional<std::string> read(const std::string &path) const;
    void write(const std::string &path, const std::string &value);
    /// A path that ends in '/' takes everything below with it. False when there was nothing.
    bool remove(const std::string &path);
    /// All paths that begin with prefix, with their values.
    std::vector<std::pair<std::string, std::string>> list(const std::string &prefix) const;
    void clear() { m_keys.clear(); }

    /// Whether a watch of this path fires on a change at changed: exactly that path, or below it for a
    /// watch that ends in '/'.
    static bool watchMatches(const std::string &watched, const std::string &changed);

private:
    std::map<std::string, std::string> m_keys;
};

} // namespace lab
