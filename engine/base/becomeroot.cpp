// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/becomeroot.h"

#include "base/subprocess.h"

#include <unistd.h>

namespace engine {

void becomeRoot(const std::vector<std::string> &argv, const std::string &path)
{
    const std::string sudo = geteuid() == 0 ? "" : findProgram("sudo", path);
    if (sudo.empty())
        return;
    std::string self = "/proc/self/exe";
    std::string target(4096, '\0');
    if (const ssize_t length = readlink(self.c_str(), target.data(), target.size()); length > 0)
        self = target.substr(0, static_cast<std::size_t>(length));
    std::vector<std::string> words{sudo, "-n", "-E", "--", self};
    words.insert(words.end(), argv.begin(), argv.end());
    std::vector<char *> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string &word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv(sudo.c_str(), pointers.data());
}

} // namespace engine
