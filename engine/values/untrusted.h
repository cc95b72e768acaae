// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// Text of another qube or of a device as one line of plain printable ASCII: every other byte becomes '_',
/// runs of blanks one blank, at most `limit` bytes ("..." at the end where it was longer).
std::string cleanText(std::string_view untrusted, std::size_t limit);

/// The last lines of what another program wrote to its stderr, cleaned, joined by "; ", at most `limit` bytes.
std::string lastLines(std::string_view untrusted, std::size_t limit);

/// A decimal number without sign, blanks or leading zeros (but "0"); nothing if it is anything else or above `max`.
std::optional<std::uint64_t> parseNumber(std::string_view untrusted, std::uint64_t max);

/// As parseNumber, but leading zeros are all right.
std::optional<std::uint64_t> parsePaddedNumber(std::string_view untrusted, std::uint64_t max);

} // namespace engine
