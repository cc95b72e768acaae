// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include "wire.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <sstream>

namespace lab {

namespace {

std::vector<std::string> words(const std::string &line)
{
    std::vector<std::string> found;
    std::istringstream stream(line);
    for (std::string word; stream >> word;)
        found.push_back(word);
    return found;
}

bool isDom0(const std::string &name)
{
    return name == "dom0" || name == "@adminvm";
}

bool matches(const std::string &pattern, const std::string &name)
{
    if (pattern == "*")
        return true;
    if (pattern == "@anyvm" || pattern == "$anyvm")
        return !isDom0(name);
    if (isDom0(pattern))
        return isDom0(name);
    return pattern == name;
}

Decision act(const std::string &action, const std::vector<std::string> &parameters, const std::string &target,
             const std::string &rule)
{
    Decision decision;
    decision.reason = rule;
    decision.target = isDom0(target) ? "dom0" : target;
    decision.allowed = action == "allow";
    for (const std::string &parameter : parameters) {
        const auto equals = parameter.find('=');
        const std::string key = parameter.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : parameter.substr(equals + 1);
        if (key == "user")
            decision.user = value;
        else if (key == "target")
            decision.target = isDom0(value) ? "dom0" : value;
    }
    return decision;
}

std::string replaceOthers(const std::string &text, const std::string &alsoAllowed)
{
    std::string clean = text;
    for (char &c : clean) {
        const auto byte = static_cast<unsigned char>(c);
        const bool known = byte < 0x80 && (std::isalnum(byte) != 0 || c == '_' || c == '.' || c == '-' ||
                                           alsoAllowed.find(c) != std::string::npos);
        if (!known)
            c = '_';
    }
    return clean;
}

} // namespace

std::string sanitizedService(const std::string &service)
{
    return replaceOthers(service, "+");
}

std::string sanitizedTarget(const std::string &target)
{
    return replaceOthers(target, "@:");
}

Policy::Policy(std::string fileOrFolder, std::string legacyFolder)
    : m_path(std::move(fileOrFolder))
    , m_legacy(std::move(legacyFolder))
{
}

Decision Policy::decide(const std::string &source, const std::string &target, const std::string &service) const
{
    const std::string name = service.substr(0, service.find('+'));
    const auto plus = service.find('+');
    const std::string argument = plus == std::string::npos ? "+" : service.substr(plus);

    for (const std::string &file : {name + argument, name}) {
        const auto text = m_legacy.empty() ? std::nullopt : readFile(m_legacy + "/" + file);
        if (!text)
            continue;
        std::istringstream lines(*text);
        for (std::string line; std::getline(lines, line);) {
            std::replace(line.begin(), line.end(), ',', ' ');
            const auto columns = words(line);
            if (columns.size() < 3 || columns[0].front() == '#' || !matches(columns[0], source) ||
                !matches(columns[1], target))
                continue;
            std::string rule = file;
            rule += ": ";
            rule += line;
            return act(columns[2], {columns.begin() + 3, columns.end()}, target, rule);
        }
        Decision refused;
        refused.reason = file + ": no line for this call";
        return refused;
    }

    std::vector<std::string> files;
    std::error_code error;
    if (std::filesystem::is_directory(m_path, error)) {
        for (const auto &entry : std::filesystem::directory_iterator(m_path, error)) {
            if (entry.path().extension() == ".policy")
                files.push_back(entry.path().string());
        }
        std::sort(files.begin(), files.end());
    } else {
        files.push_back(m_path);
    }
    for (const std::string &file : files) {
        std::istringstream lines(readFile(file).value_or(""));
        for (std::string line; std::getline(lines, line);) {
            const auto columns = words(line);
            if (columns.size() < 5 || columns[0].front() == '#')
                continue;
            const bool serviceFits = columns[0] == "*" || columns[0] == name;
            const bool argumentFits = columns[1] == "*" || columns[1] == argument;
            if (!serviceFits || !argumentFits || !matches(columns[2], source) || !matches(columns[3], target))
                continue;
            return act(columns[4], {columns.begin() + 5, columns.end()}, target, line);
        }
    }
    Decision refused;
    refused.reason = "no rule";
    return refused;
}

} // namespace lab
