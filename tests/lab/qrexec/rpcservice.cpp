// SPDX-License-Identifier: GPL-2.0-or-later
#include "rpcservice.h"

#include "wire.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <set>
#include <sstream>

namespace lab {

namespace {

const std::string serviceDirs[] = {"/run/qubes-rpc/", "/usr/local/etc/qubes-rpc/", "/etc/qubes-rpc/"};
const std::string configDirs[] = {"/run/qubes/rpc-config/", "/usr/local/etc/qubes/rpc-config/",
                                  "/etc/qubes/rpc-config/"};

// NAME+ARG in every folder, then NAME in every folder; a name too long for a file is not looked for.
template <typename Visit>
void eachCandidate(const std::string &root, const std::string (&dirs)[3], const Command &command, Visit visit)
{
    std::vector<std::string> names{command.service};
    if (command.name() != command.service)
        names.push_back(command.name());
    for (const std::string &name : names) {
        if (name.size() > NAME_MAX)
            continue;
        for (const std::string &dir : dirs) {
            std::string path = root;
            path += dir;
            path += name;
            if (visit(path))
                return;
        }
    }
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

std::string_view withoutBlanks(std::string_view text)
{
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

} // namespace

std::optional<std::string> Command::argument() const
{
    const auto plus = service.find('+');
    if (plus == std::string::npos)
        return std::nullopt;
    return service.substr(plus + 1);
}

std::optional<Command> Command::parse(const std::string &text)
{
    const auto colon = text.find(':');
    if (colon == std::string::npos)
        return std::nullopt;
    Command command;
    command.user = text.substr(0, colon);
    std::string rest = text.substr(colon + 1);
    const std::string nogui = "nogui:";
    if (rest.compare(0, nogui.size(), nogui) == 0) {
        command.nogui = true;
        rest.erase(0, nogui.size());
    }
    const std::string keyword = "QUBESRPC ";
    if (rest.compare(0, keyword.size(), keyword) != 0) {
        command.shell = rest;
        return command;
    }
    rest.erase(0, keyword.size());
    std::vector<std::string> words;
    std::istringstream stream(rest);
    std::string word;
    while (std::getline(stream, word, ' ')) {
        if (!word.empty())
            words.push_back(word);
    }
    if (words.size() != 2 && words.size() != 4)
        return std::nullopt;
    command.service = words[0];
    command.source = words[1];
    if (words.size() == 4) {
        command.targetType = words[2];
        command.target = words[3];
    }
    if (command.name().empty() || command.name().size() > NAME_MAX)
        return std::nullopt;
    return command;
}

std::optional<RpcConfig> RpcConfig::parse(const std::string &text, const std::string &fileName)
{
    RpcConfig config;
    std::set<std::string, std::less<>> seen;
    std::istringstream lines(text);
    std::string whole;
    int number = 0;
    const auto wrong = [&](const char *why) {
        std::fprintf(stderr, "%s:%d: %s\n", fileName.c_str(), number, why);
        return std::nullopt;
    };
    while (std::getline(lines, whole)) {
        ++number;
        std::string_view line = whole;
        if (line.empty() || line.front() == '#')
            continue;
        if (isBlank(line.front())) {
            if (withoutBlanks(line).empty())
                continue;
            return wrong("line starts with a blank");
        }
        const auto equals = line.find('=');
        if (equals == std::string_view::npos)
            return wrong("no '='");
        const std::string key(withoutBlanks(line.substr(0, equals)));
        std::string_view value = withoutBlanks(line.substr(equals + 1));
        bool isString = false;
        if (!value.empty() && value.front() == '\'') {
            const auto end = value.find('\'', 1);
            if (end == std::string_view::npos)
                return wrong("unterminated string");
            const std::string_view after = withoutBlanks(value.substr(end + 1));
            if (!after.empty() && after.front() != '#')
                return wrong("junk after the string");
            value = value.substr(1, end - 1);
            isString = true;
        } else {
            value = withoutBlanks(value.substr(0, value.find('#')));
            if (value.empty() || value.front() == '"')
                return wrong("strings are in single quotes");
        }
        if (!seen.insert(key).second)
            return wrong("duplicate key");

        const auto asBool = [&]() -> std::optional<bool> {
            if (isString)
                return std::nullopt;
            if (value == "true" || value == "1")
                return true;
            if (value == "false" || value == "0")
                return false;
            return std::nullopt;
        };
        if (key == "force-user") {
            if (!isString || value.empty())
                return wrong("force-user must be a string in single quotes");
            config.forceUser = std::string(value);
        } else if (key == "wait-for-session") {
            config.waitForSession = asBool();
            if (!config.waitForSession)
                return wrong("not a truth value");
        } else if (key == "skip-service-descriptor" || key == "exit-on-client-eof" || key == "exit-on-service-eof") {
            const auto wanted = asBool();
            if (!wanted)
                return wrong("not a truth value");
            config.hasSocketKeys = true;
            (key == "skip-service-descriptor" ? config.skipServiceDescriptor
             : key == "exit-on-client-eof"    ? config.exitOnClientEof
                                              : config.exitOnServiceEof) = *wanted;
        } else {
            std::fprintf(stderr, "%s:%d: unknown key %s\n", fileName.c_str(), number, key.c_str());
        }
    }
    if (config.forceUser && config.hasSocketKeys)
        return wrong("force-user cannot be combined with settings of socket services");
    return config;
}

std::optional<RpcConfig> RpcConfig::load(const std::string &root, const Command &command)
{
    std::optional<RpcConfig> config = RpcConfig();
    eachCandidate(root, configDirs, command, [&](const std::string &path) {
        const auto text = readFile(path);
        if (!text)
            return false;
        config = parse(*text, path);
        return true;
    });
    return config;
}

ServiceFile findService(const std::string &root, const Command &command)
{
    ServiceFile found;
    eachCandidate(root, serviceDirs, command, [&](const std::string &path) {
        struct stat info = {};
        char target[256];
        const ssize_t length = ::readlink(path.c_str(), target, sizeof target - 1);
        const std::string tcp = "/dev/tcp/";
        if (length > 0) {
            target[length] = 0;
            const std::string link(target);
            if (link.compare(0, tcp.size(), tcp) == 0) {
                const auto slash = link.find('/', tcp.size());
                found.kind = slash == std::string::npos ? ServiceFile::Kind::Unusable : ServiceFile::Kind::Tcp;
                found.path = path;
                if (slash != std::string::npos)
                    found.tcp = link.substr(tcp.size(), slash - tcp.size()) + ":" + link.substr(slash + 1);
                return true;
            }
        }
        if (::stat(path.c_str(), &info) != 0)
            return false;
        found.path = path;
        if (S_ISSOCK(info.st_mode))
            found.kind = ServiceFile::Kind::Socket;
        else if (::access(path.c_str(), X_OK) == 0 && S_ISREG(info.st_mode))
            found.kind = ServiceFile::Kind::Executable;
        else
            found.kind = ServiceFile::Kind::Unusable;
        return true;
    });
    return found;
}

} // namespace lab
