// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// The one line with which an import tells the attach that started it how it went: "ok BUSID\n" or "fail FAULT TEXT\n".
/// Both are this program; the line is checked all the same.
struct Report
{
    std::optional<Error> failure;
    std::string localBusid;

    std::string line() const;
    static std::optional<Report> parse(std::string_view line);
};

} // namespace engine
