// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace engine {

/// One line an event to syslog (and so the journal), ident "qubes-usb", facility daemon.
class Log
{
public:
    explicit Log(bool verbose)
        : m_verbose(verbose)
    {
    }
    void event(const std::string &text) const;
    void failure(const std::string &text) const;
    /// A step on the way; only with --verbose, then also on stderr if a person sits there.
    void step(const std::string &text) const;

private:
    bool m_verbose;
};

} // namespace engine
