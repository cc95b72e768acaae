// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/qubename.h"

#include <algorithm>

namespace engine {

namespace {

constexpr std::size_t longestName = 31;
constexpr std::string_view stubdomainSuffix = "-dm";

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isNameByte(char c)
{
    return isLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

std::string_view owner(std::string_view name)
{
    return name.ends_with(stubdomainSuffix) ? name.substr(0, name.size() - stubdomainSuffix.size()) : name;
}

} // namespace

std::optional<QubeName> QubeName::parse(std::string_view untrusted)
{
    const std::string_view name = owner(untrusted);
    if (name.empty() || name.size() > longestName || !isLetter(name.front()) || !std::ranges::all_of(name, isNameByte))
        return std::nullopt;
    return QubeName(std::string(untrusted));
}

QubeName QubeName::withoutStubdomain() const
{
    return QubeName(std::string(owner(m_text)));
}

} // namespace engine
