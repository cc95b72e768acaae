// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/uniquefd.h"
#include "values/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// A folder of sysfs, held open: what is read and written is of the thing that was opened, even if another one of the
/// same name has taken its place (then ENOENT or ENODEV).
class SysfsDir
{
public:
    static Result<SysfsDir> open(const std::string &path);

    /// The attribute's text without its line end.
    Result<std::string> read(const std::string &attribute) const;
    /// The attribute's text, or nothing if it is not there or can't be read.
    std::optional<std::string> find(const std::string &attribute) const;
    /// Exactly one write(2) of exactly these bytes; Error::number is the kernel's errno.
    Result<void> write(const std::string &attribute, std::string_view bytes) const;
    bool has(const std::string &name) const;
    /// Last part of the target of a symbolic link here ("driver", "subsystem"); empty if there is none.
    std::string linkName(const std::string &name) const;
    /// Where it really is, links resolved; empty if it is gone.
    std::string realPath() const;
    int fd() const { return m_fd.get(); }

private:
    SysfsDir(UniqueFd fd, std::string path)
        : m_fd(std::move(fd))
        , m_path(std::move(path))
    {
    }
    UniqueFd m_fd;
    std::string m_path;
};

/// Where a symbolic link points to, empty if it is none.
std::string linkTarget(const std::string &path);

/// The whole of a small file (at most 1 MiB), line end kept.
Result<std::string> readFile(const std::string &path);

/// Names of what is in the folder `path`, sorted; empty if there is no such folder.
std::vector<std::string> listFolder(const std::string &path);

} // namespace engine
