// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <cstdio>
#include <syslog.h>
#include <unistd.h>

namespace engine {

namespace {

void write(int priority, const std::string &text)
{
    // Not kept open: its descriptor would go to children and count among ours.
    openlog("qubes-usb", LOG_PID, LOG_DAEMON);
    syslog(priority, "%s", text.c_str());
    closelog();
}

} // namespace

void Log::event(const std::string &text) const
{
    write(LOG_INFO, text);
}

void Log::failure(const std::string &text) const
{
    write(LOG_ERR, text);
}

void Log::step(const std::string &text) const
{
    if (!m_verbose)
        return;
    write(LOG_DEBUG, text);
    if (isatty(STDERR_FILENO) != 0)
        std::fprintf(stderr, "%s\n", text.c_str());
}

} // namespace engine
