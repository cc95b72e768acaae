// SPDX-License-Identifier: GPL-2.0-or-later
#include "processes/hold.h"

#include "base/uniquefd.h"
#include "kernel/sysfsdir.h"
#include "values/untrusted.h"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace engine {

namespace {

std::uint64_t secondsSinceBoot()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec);
}

} // namespace

Result<void> Hold::set(std::chrono::seconds limit) const
{
    const std::string text = std::to_string(secondsSinceBoot() + static_cast<std::uint64_t>(limit.count()));
    const UniqueFd file(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return systemError("cannot write " + m_path, errno);
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return systemError("cannot write " + m_path, errno);
    return {};
}

void Hold::lift() const
{
    unlink(m_path.c_str());
}

Result<void> Hold::check() const
{
    const auto text = readFile(m_path);
    const auto end = text ? parseNumber(*text, ~std::uint64_t{0}) : std::nullopt;
    if (!end || secondsSinceBoot() >= *end)
        return {};
    return Error{Fault::Busy, "this qube is about to sleep, or has just woken up: try again in a moment "
                              "('qubes-usb-engine detach-all --resume' ends the wait)"};
}

} // namespace engine
