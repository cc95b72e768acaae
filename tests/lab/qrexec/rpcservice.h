// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "uniquefd.h"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lab {

/// Exit codes of qubes-core-qrexec's libqrexec/qrexec.h.
constexpr int exitProblem = 125;
constexpr int exitRefused = 126;
constexpr int exitNotFound = 127;

/// A command from dom0: "USER:COMMAND", where a COMMAND of the form
/// "QUBESRPC SERVICE[+ARG] SOURCE [TARGETTYPE TARGET]" asks for a service and anything else goes to a shell.
struct Command
{
    std::string user;
    std::string shell;   ///< set for shell commands only
    std::string service; ///< NAME or NAME+ARG
    std::string source;
    std::string targetType; ///< dom0 only: "name" or "keyword"
    std::string target;
    bool nogui = false;

    bool isService() const { return !service.empty(); }
    std::string name() const { return service.substr(0, service.find('+')); }
    /// None for a service called without '+'.
    std::optional<std::string> argument() const;

    /// None when there is no user, no source, or a wrong number of words.
    static std::optional<Command> parse(const std::string &text);
};

/// The settings in rpc-config/SERVICE that matter here.
struct RpcConfig
{
    std::optional<std::string> forceUser;
    std::optional<bool> waitForSession;
    bool skipServiceDescriptor = false;
    bool exitOnClientEof = false;
    bool exitOnServiceEof = false;
    bool hasSocketKeys = false;

    /// None when one line is wrong: the whole call then fails. Unknown keys are only logged.
    static std::optional<RpcConfig> parse(const std::string &text, const std::string &fileName);
    /// Of the first file there is; an empty one when there is none; none when that file is wrong.
    static std::optional<RpcConfig> load(const std::string &root, const Command &command);
};

/// What a service is, on disk.
struct ServiceFile
{
    enum class Kind { NotFound, Executable, Socket, Tcp, Unusable };
    Kind kind = Kind::NotFound;
    std::string path;
    std::string tcp; ///< HOST:PORT
};

ServiceFile findService(const std::string &root, const Command &command);

} // namespace lab
