// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sysfsdir.h"

#include "values/split.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

namespace engine {

namespace {

constexpr std::size_t readLimit = 1U << 20U;

Result<std::string> readAll(const UniqueFd &fd, const std::string &what)
{
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() < readLimit) {
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return systemError("cannot read " + what, errno);
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return Error{Fault::System, what + " is too large", EFBIG};
}

std::string targetOf(int folder, const std::string &path)
{
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(folder, path.c_str(), target.data(), target.size());
    return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : std::string();
}

} // namespace

Result<SysfsDir> SysfsDir::open(const std::string &path)
{
    UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return systemError("cannot open " + path, errno);
    return SysfsDir(std::move(fd), path);
}

Result<std::string> SysfsDir::read(const std::string &attribute) const
{
    const std::string what = m_path + '/' + attribute;
    const UniqueFd fd(::openat(m_fd.get(), attribute.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
        return systemError("cannot open " + what, errno);
    auto text = readAll(fd, what);
    if (text && text->ends_with('\n'))
        text->pop_back();
    return text;
}

std::optional<std::string> SysfsDir::find(const std::string &attribute) const
{
    auto text = read(attribute);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

Result<void> SysfsDir::write(const std::string &attribute, std::string_view bytes) const
{
    const std::string what = m_path + '/' + attribute;
    const UniqueFd fd(::openat(m_fd.get(), attribute.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd)
        return systemError("cannot open " + what, errno);
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0)
        return systemError("cannot write to " + what, errno);
    if (static_cast<std::size_t>(written) != bytes.size())
        return systemError("short write to " + what, EIO);
    return {};
}

bool SysfsDir::has(const std::string &name) const
{
    struct stat info
    {
    };
    return ::fstatat(m_fd.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string SysfsDir::linkName(const std::string &name) const
{
    return baseName(targetOf(m_fd.get(), name));
}

std::string SysfsDir::realPath() const
{
    return linkTarget("/proc/self/fd/" + std::to_string(m_fd.get()));
}

std::string linkTarget(const std::string &path)
{
    return targetOf(AT_FDCWD, path);
}

Result<std::string> readFile(const std::string &path)
{
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        return systemError("cannot open " + path, errno);
    return readAll(fd, path);
}

std::vector<std::string> listFolder(const std::string &path)
{
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR *)> folder(opendir(path.c_str()), &closedir);
    while (const dirent *entry = folder ? readdir(folder.get()) : nullptr) {
        if (std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..")
            names.emplace_back(entry->d_name);
    }
    std::ranges::sort(names);
    return names;
}

} // namespace engine
