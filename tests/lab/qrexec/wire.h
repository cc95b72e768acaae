// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "uniquefd.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// One line of the lab's control protocol: fields separated by TAB, ended by newline. Inside a field
/// backslash, TAB, newline and carriage return are written \\ \t \n \r; all other bytes stand as they are.
using Fields = std::vector<std::string>;

std::string encodeLine(const Fields &fields);
/// Takes the line without its newline.
Fields decodeLine(std::string_view line);

/// Collects bytes and gives back whole lines.
class LineBuffer
{
public:
    void append(const char *data, std::size_t size) { m_data.append(data, size); }
    std::optional<Fields> next();
    /// Bytes after the last line taken (the start of whatever follows the lines).
    std::string takeRest() { return std::move(m_data); }
    std::size_t size() const { return m_data.size(); }

private:
    std::string m_data;
};

/// All of data, on a blocking or non-blocking descriptor; false with errno set when that fails.
bool writeAll(int fd, const void *data, std::size_t size);
bool writeLine(int fd, const Fields &fields);
/// One line, byte by byte so that nothing after it is taken; none on EOF, error or after timeoutMs (-1: no limit).
std::optional<Fields> readLine(int fd, int timeoutMs);

/// "HOST:PORT", HOST a numeric address or a name. TCP_NODELAY and close-on-exec are set.
UniqueFd connectTcp(const std::string &address);
UniqueFd connectUnix(const std::string &path);
/// A listening socket, close-on-exec; a stale file at path is replaced.
UniqueFd listenUnix(const std::string &path, int mode);

bool setNonBlocking(int fd, bool on);

/// mkdir -p of the folder that holds path.
void makeParents(const std::string &path);

/// Contents of a small file; none when it can't be read.
std::optional<std::string> readFile(const std::string &path);

} // namespace lab
