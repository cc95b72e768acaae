// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/report.h"

#include "values/busid.h"
#include "values/untrusted.h"

namespace engine {

namespace {

constexpr std::string_view okWord = "ok ";
constexpr std::string_view failWord = "fail ";
constexpr std::size_t textLimit = 500;

} // namespace

std::string Report::line() const
{
    if (!failure)
        return std::string(okWord) + localBusid + '\n';
    return std::string(failWord) + std::to_string(static_cast<int>(failure->fault)) + ' ' +
           cleanText(failure->text, textLimit) + '\n';
}

std::optional<Report> Report::parse(std::string_view line)
{
    if (line.starts_with(okWord)) {
        const auto busid = BusId::parse(line.substr(okWord.size()));
        return busid ? std::optional(Report{std::nullopt, busid->text()}) : std::nullopt;
    }
    if (!line.starts_with(failWord))
        return std::nullopt;
    line.remove_prefix(failWord.size());
    const std::size_t blank = line.find(' ');
    const auto fault = parseNumber(line.substr(0, blank), static_cast<unsigned>(Fault::Cancelled));
    if (!fault || blank == std::string_view::npos)
        return std::nullopt;
    return Report{Error{static_cast<Fault>(*fault), cleanText(line.substr(blank + 1), textLimit)}, {}};
}

} // namespace engine
