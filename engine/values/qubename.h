// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// The name of a qube as Qubes allows it (validate_name() in qubes/vm/__init__.py of qubes-core-admin): a letter, then
/// letters, digits and "_.-", at most 31 bytes; also "dom0". A stub domain's "-dm" may stand behind it.
class QubeName
{
public:
    static std::optional<QubeName> parse(std::string_view untrusted);

    const std::string &text() const { return m_text; }
    /// The qube a stub domain belongs to; itself for any other.
    QubeName withoutStubdomain() const;
    auto operator<=>(const QubeName &) const = default;

private:
    explicit QubeName(std::string text)
        : m_text(std::move(text))
    {
    }
    std::string m_text;
};

} // namespace engine
