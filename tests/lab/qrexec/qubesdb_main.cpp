// SPDX-License-Identifier: GPL-2.0-or-later
// qubesdb-read, -write, -rm, -list, -multiread, -watch and qubesdb-cmd -c COMMAND: options, output and exit codes
// of qubes-core-qubesdb's client/qubesdb-cmd.c, the data held by the lab's broker.
#include "wire.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr const char *defaultFile = "/run/lab/qubesdb";

struct Options
{
    std::string command;
    std::string domain;
    bool fullPath = false;
    bool raw = false;
    bool quiet = false;
    bool wait = false;
    int watchCount = 1;
    std::vector<std::string> arguments;
};

void usage(const char *name)
{
    std::fprintf(stderr,
                 "Usage: %s [-frqw] [-c <command>] [-d <destination domain>] [-n N] [command arguments]\n"
                 "  -f - print full path (affects reading commands)\n"
                 "  -r - print raw value (affects reading commands)\n"
                 "  -q - quiet - do not print error\n"
                 "  -c <command> - read, write, rm, multiread, list or watch\n"
                 "  -d <domain> - specify destination domain, available only in dom0\n"
                 "  -w - wait for any value (possibly empty)\n"
                 "  -n N - events to wait for (watch; negative: infinite)\n",
                 name);
}

/// One connection: requests in order, watch events kept aside.
class Database
{
public:
    explicit Database(const Options &options)
        : m_quiet(options.quiet)
    {
        const char *folder = std::getenv("QUBES_LAB_DIR");
        if (!options.domain.empty()) {
            if (folder != nullptr)
                m_fd = lab::connectUnix(std::string(folder) + "/qubesdb.sock");
            m_ready = m_fd && lab::writeLine(m_fd.get(), {"qubesdb", options.domain});
            return;
        }
        const char *file = std::getenv("QUBES_LAB_QUBESDB");
        lab::LineBuffer lines;
        const std::string text = lab::readFile(file != nullptr ? file : defaultFile).value_or("");
        lines.append(text.data(), text.size());
        const auto fields = lines.next();
        if (!fields || fields->size() != 2)
            return;
        m_fd = lab::connectTcp(fields->at(0));
        m_ready = m_fd && lab::writeLine(m_fd.get(), {"qubesdb", fields->at(1)});
    }

    bool ready() const { return m_ready; }

    /// The fields after "ok"; none on an error.
    std::optional<lab::Fields> ask(const lab::Fields &request)
    {
        if (!lab::writeLine(m_fd.get(), request))
            return std::nullopt;
        for (;;) {
            auto answer = lab::readLine(m_fd.get(), -1);
            if (!answer)
                return std::nullopt;
            if (answer->front() == "changed" && answer->size() == 2) {
                m_fired.push_back(answer->at(1));
                continue;
            }
            if (answer->front() != "ok")
                return std::nullopt;
            answer->erase(answer->begin());
            return answer;
        }
    }

    std::optional<std::string> nextEvent()
    {
        while (m_fired.empty()) {
            const auto line = lab::readLine(m_fd.get(), -1);
            if (!line)
                return std::nullopt;
            if (line->front() == "changed" && line->size() == 2)
                m_fired.push_back(line->at(1));
        }
        const std::string path = m_fired.front();
        m_fired.erase(m_fired.begin());
        return path;
    }

    int fail(const char *what, const std::string &path) const
    {
        if (!m_quiet)
            std::fprintf(stderr, "Failed to %s %s\n", what, path.c_str());
        return 1;
    }

private:
    lab::UniqueFd m_fd;
    bool m_ready = false;
    bool m_quiet;
    std::vector<std::string> m_fired;
};

void print(const std::string &value, bool raw)
{
    if (raw) {
        std::fwrite(value.data(), 1, value.size(), stdout);
        return;
    }
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x80)
            std::putchar(c);
        else
            std::printf("\\x%02x", byte);
    }
}

int run(Database &database, const Options &options)
{
    const auto &arguments = options.arguments;
    int failed = 0;
    if (options.command == "read") {
        for (const std::string &path : arguments) {
            auto value = database.ask({"read", path});
            if (!value && options.wait && database.ask({"watch", path})) {
                while (!(value = database.ask({"read", path})) && database.nextEvent()) {
                }
            }
            if (!value || value->size() != 1) {
                failed = database.fail("read", path);
                continue;
            }
            if (options.fullPath)
                std::printf("%s = ", path.c_str());
            print(value->at(0), options.raw);
            std::putchar('\n');
        }
    } else if (options.command == "write") {
        if (arguments.size() % 2 != 0) {
            std::fprintf(stderr, "Invalid number of parameters\n");
            return 1;
        }
        for (std::size_t i = 0; i < arguments.size(); i += 2) {
            if (!database.ask({"write", arguments[i], arguments[i + 1]}))
                failed = database.fail("write", arguments[i]);
        }
    } else if (options.command == "rm") {
        for (const std::string &path : arguments) {
            if (!database.ask({"rm", path}))
                failed = database.fail("remove", path);
        }
    } else if (options.command == "multiread") {
        for (const std::string &path : arguments) {
            const auto entries = database.ask({"multiread", path});
            if (!entries) {
                failed = database.fail("read", path);
                continue;
            }
            for (std::size_t i = 0; i + 1 < entries->size(); i += 2) {
                std::printf("%s = ", entries->at(i).c_str() + (options.fullPath ? 0 : path.size()));
                print(entries->at(i + 1), options.raw);
                std::putchar('\n');
            }
        }
    } else if (options.command == "list") {
        if (arguments.size() != 1) {
            std::fprintf(stderr, "LIST command accept only one path\n");
            return 1;
        }
        const auto paths = database.ask({"list", arguments[0]});
        if (!paths)
            return database.fail("get entries list", arguments[0]);
        for (const std::string &path : *paths)
            std::printf("%s\n", path.c_str() + (options.fullPath ? 0 : arguments[0].size()));
    } else {
        for (const std::string &path : arguments) {
            if (!database.ask({"watch", path}))
                return database.fail("setup watch on", path);
        }
        for (int left = options.watchCount; !arguments.empty() && left != 0; --left) {
            const auto path = database.nextEvent();
            if (!path)
                return database.fail("read", "watch");
            std::printf("%s\n", path->c_str());
            std::fflush(stdout);
        }
    }
    return failed;
}

bool known(const std::string &command)
{
    for (const char *name : {"read", "write", "rm", "multiread", "list", "watch"}) {
        if (command == name)
            return true;
    }
    return false;
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    const std::string name = argv[0];
    options.command = name.substr(name.rfind('-') + 1);
    for (int got = 0; (got = getopt(argc, argv, "hc:d:n:frqw")) != -1;) {
        switch (got) {
        case 'c':
            options.command = optarg;
            break;
        case 'd':
            options.domain = optarg;
            break;
        case 'f':
            options.fullPath = true;
            break;
        case 'r':
            options.raw = true;
            break;
        case 'q':
            options.quiet = true;
            break;
        case 'w':
            options.wait = true;
            break;
        case 'n':
            options.watchCount = std::atoi(optarg);
            if (options.command != "watch") {
                std::fprintf(stderr, "-n valid only for watch command\n");
                return 1;
            }
            break;
        case 'h':
            usage(argv[0]);
            return 0;
        default:
            usage(argv[0]);
            return 1;
        }
    }
    options.arguments.assign(argv + optind, argv + argc);
    if (argc <= 1 || !known(options.command)) {
        usage(argv[0]);
        return 0;
    }
    Database database(options);
    if (!database.ready()) {
        if (!options.quiet)
            std::fprintf(stderr, "Failed connect to %s daemon\n",
                         options.domain.empty() ? "local" : options.domain.c_str());
        return 1;
    }
    return run(database, options);
}
