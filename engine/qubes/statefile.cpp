// SPDX-License-Identifier: GPL-2.0-or-later
#include "qubes/statefile.h"

#include "base/uniquefd.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {

Result<void> StateFile::write(unsigned port, const std::string &localBusid) const
{
    if (mkdir(m_path.substr(0, m_path.rfind('/')).c_str(), 0755) != 0 && errno != EEXIST)
        return systemError("cannot make the folder of " + m_path, errno);
    const std::string beside = m_path + ".new";
    const std::string text = std::to_string(port) + '\n' + localBusid + '\n';
    unlink(beside.c_str());
    UniqueFd file(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file)
        return systemError("cannot write " + beside, errno);
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    const int failed = written == static_cast<ssize_t>(text.size()) ? 0 : written < 0 ? errno : ENOSPC;
    file.reset();
    if (failed == 0 && rename(beside.c_str(), m_path.c_str()) == 0)
        return {};
    const int number = failed != 0 ? failed : errno;
    unlink(beside.c_str());
    return systemError("cannot write " + m_path, number);
}

void StateFile::remove() const
{
    unlink((m_path + ".new").c_str());
    unlink(m_path.c_str());
}

} // namespace engine
