// SPDX-License-Identifier: GPL-2.0-or-later
#include "keystore.h"

namespace lab {

std::string KeyStore::checkPath(const std::string &path)
{
    if (path.empty() || path.front() != '/' || path.size() > maxPath)
        return "EINVAL";
    for (const char c : path) {
        const bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '-' || c == '/' || c == '.' || c == ':' || c == '@';
        if (!known)
            return "EINVAL";
    }
    return {};
}

std::string KeyStore::checkValue(const std::string &value)
{
    return value.size() > maxValue ? "EINVAL" : "";
}

std::optional<std::string> KeyStore::read(const std::string &path) const
{
    const auto found = m_keys.find(path);
    if (found == m_keys.end())
        return std::nullopt;
    return found->second;
}

void KeyStore::write(const std::string &path, const std::string &value)
{
    m_keys[path] = value;
}

bool KeyStore::remove(const std::string &path)
{
    if (path.back() != '/')
        return m_keys.erase(path) > 0;
    bool any = false;
    for (auto at = m_keys.lower_bound(path); at != m_keys.end() && at->first.compare(0, path.size(), path) == 0;) {
        at = m_keys.erase(at);
        any = true;
    }
    return any;
}

std::vector<std::pair<std::string, std::string>> KeyStore::list(const std::string &prefix) const
{
    std::vector<std::pair<std::string, std::string>> found;
    for (auto at = m_keys.lower_bound(prefix); at != m_keys.end() && at->first.compare(0, prefix.size(), prefix) == 0;
         ++at)
        found.emplace_back(*at);
    return found;
}

bool KeyStore::watchMatches(const std::string &watched, const std::string &changed)
{
    if (!watched.empty() && watched.back() == '/')
        return changed.compare(0, watched.size(), watched) == 0;
    return watched == changed;
}

} // namespace lab
