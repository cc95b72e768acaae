// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "fakesysfs.h"

#include <filesystem>
#include <sstream>

/// Programs of the test's own in the folder where the engine looks for them. Each call is recorded before the script
/// does anything.
class FakePrograms
{
public:
    explicit FakePrograms(const engine::Paths &paths)
        : m_folder(paths.programs)
        , m_record(paths.programs + ".calls")
    {
    }

    /// `script`: for /bin/sh.
    void install(const std::string &name, const std::string &script = "exit 0") const
    {
        const std::string path = m_folder + '/' + name;
        FakeSysfs::putFile(path, R"(#!/bin/sh
{ printf '%s\037' "${0##*/}" "$@"; echo; } >>")" +
                                     m_record + "\"\n" + script + '\n');
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    /// Name and arguments of each call so far.
    std::vector<std::vector<std::string>> calls() const
    {
        std::vector<std::vector<std::string>> all;
        std::istringstream lines(FakeSysfs::get(m_record));
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::vector<std::string> call;
            for (std::string word; std::getline(words, word, '\037');)
                call.push_back(word);
            all.push_back(call);
        }
        return all;
    }

private:
    std::string m_folder;
    std::string m_record;
};
