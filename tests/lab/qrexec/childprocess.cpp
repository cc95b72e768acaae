// SPDX-License-Identifier: GPL-2.0-or-later
#include "childprocess.h"

#include "wire.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace lab {

namespace {

struct User
{
    std::string name;
    std::string home;
    std::string shell;
    uid_t uid = 0;
    gid_t gid = 0;
};

std::optional<User> lookUp(const std::string &name)
{
    const passwd *entry = ::getpwnam(name.c_str());
    if (entry == nullptr)
        return std::nullopt;
    User user;
    user.name = entry->pw_name;
    user.home = entry->pw_dir;
    user.shell = entry->pw_shell != nullptr && *entry->pw_shell != 0 ? entry->pw_shell : "/bin/sh";
    user.uid = entry->pw_uid;
    user.gid = entry->pw_gid;
    return user;
}

// A variable of the QREXEC family, but for the one that the real program keeps.
bool isQrexecVariable(const std::string &assignment)
{
    return assignment.compare(0, 6, "QREXEC") == 0 && assignment.compare(0, 20, "QREXEC_SERVICE_PATH=") != 0;
}

std::vector<std::string> sessionEnvironment(const User &user, bool asRoot)
{
    std::vector<std::string> variables;
    if (!asRoot) {
        for (char **at = environ; *at != nullptr; ++at)
            variables.emplace_back(*at);
    } else {
        // pam_env
        std::istringstream lines(readFile("/etc/environment").value_or(""));
        std::string line;
        while (std::getline(lines, line)) {
            const auto equals = line.find('=');
            if (line.empty() || line.front() == '#' || equals == std::string::npos)
                continue;
            std::string value = line.substr(equals + 1);
            if (value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\''))
                value = value.substr(1, value.size() - 2);
            variables.push_back(line.substr(0, equals + 1) + value);
        }
        variables.push_back("HOME=" + user.home);
        variables.push_back("SHELL=" + user.shell);
        variables.push_back("USER=" + user.name);
        variables.push_back("LOGNAME=" + user.name);
    }
    std::vector<std::string> kept;
    for (std::string &variable : variables) {
        if (!isQrexecVariable(variable))
            kept.push_back(std::move(variable));
    }
    return kept;
}

void addServiceVariables(std::vector<std::string> &variables, const Command &command)
{
    variables.push_back("QREXEC_SERVICE_FULL_NAME=" + command.service);
    variables.push_back("QREXEC_REMOTE_DOMAIN=" + command.source);
    if (const auto argument = command.argument())
        variables.push_back("QREXEC_SERVICE_ARGUMENT=" + *argument);
    // Set but empty everywhere but in dom0.
    variables.push_back("QREXEC_REQUESTED_TARGET_TYPE=" + command.targetType);
    if (command.targetType == "name")
        variables.push_back("QREXEC_REQUESTED_TARGET=" + command.target);
    else if (command.targetType == "keyword")
        variables.push_back("QREXEC_REQUESTED_TARGET_KEYWORD=" + command.target);
}

[[noreturn]] void execute(const std::string &path, const std::vector<std::string> &arguments,
                          const std::vector<std::string> &variables)
{
    std::vector<char *> argv;
    std::vector<char *> envp;
    argv.reserve(arguments.size() + 1);
    envp.reserve(variables.size() + 1);
    for (const std::string &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    for (const std::string &variable : variables)
        envp.push_back(const_cast<char *>(variable.c_str()));
    envp.push_back(nullptr);
    ::execve(path.c_str(), argv.data(), envp.data());
    ::_exit(exitProblem);
}

void defaultSignals()
{
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::signal(SIGCHLD, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
}

// In the process whose exit counts as the child's: starts the session leader, keeps none of its descriptors
// and waits for it, as the real agent does around its PAM session.
[[noreturn]] void runSession(const Command &command, const std::string &program, const User &user,
                             const std::vector<std::string> &variables, bool asRoot)
{
    const pid_t leader = asRoot ? ::fork() : 0;
    if (leader < 0)
        ::_exit(exitProblem);
    if (leader == 0) {
        if (asRoot) {
            if (::initgroups(user.name.c_str(), user.gid) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0)
                ::_exit(exitProblem);
            ::setsid();
            if (::chdir(user.home.c_str()) != 0)
                std::fprintf(stderr, "chdir(%s): %s\n", user.home.c_str(), std::strerror(errno));
        }
        if (program.empty()) {
            const std::string name = user.shell.substr(user.shell.rfind('/') + 1);
            execute(user.shell, {"-" + name, "-c", command.shell}, variables);
        }
        std::vector<std::string> arguments;
        if (asRoot)
            arguments = {"sh", "-lc", "exec \"$0\" \"$@\"", program};
        else
            arguments = {program};
        if (!command.argument().value_or("").empty())
            arguments.push_back(*command.argument());
        execute(asRoot ? "/bin/sh" : program, arguments, variables);
    }
    ::close(0);
    ::close(1);
    ::close(2);
    int status = 0;
    while (::waitpid(leader, &status, 0) < 0) {
        if (errno != EINTR)
            ::_exit(1);
    }
    ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

} // namespace

void closeFrom(int first)
{
    ::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U);
}

std::optional<ChildProcess> spawn(const Command &command, const std::string &program, const SpawnContext &context)
{
    const bool asRoot = ::geteuid() == 0;
    const auto user = lookUp(command.user);
    if (!user || (!asRoot && user->uid != ::geteuid())) {
        std::fprintf(stderr, "user %s does not exist or cannot be used\n", command.user.c_str());
        return std::nullopt;
    }
    std::vector<std::string> variables = sessionEnvironment(*user, asRoot);
    if (!context.isDom0)
        variables.push_back("QREXEC_AGENT_PID=" + std::to_string(::getpid()));
    if (command.isService())
        addServiceVariables(variables, command);

    int in[2];
    int out[2];
    int err[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 ||
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) != 0)
        return std::nullopt;
    if (context.isDom0)
        err[1] = ::open(context.logPath.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    else if (::pipe2(err, O_CLOEXEC) != 0)
        return std::nullopt;

    ChildProcess child;
    child.stdinFd.reset(in[1]);
    child.stdoutFd.reset(out[0]);
    child.stderrFd.reset(err[0]);
    child.pid = ::fork();
    if (child.pid == 0) {
        defaultSignals();
        if (context.nullIo) {
            in[0] = out[1] = err[1] = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        }
        if (::dup2(in[0], 0) != 0 || ::dup2(out[1], 1) != 1 || ::dup2(err[1], 2) != 2)
            ::_exit(exitProblem);
        closeFrom(3);
        runSession(command, program, *user, variables, asRoot);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    if (child.pid < 0)
        return std::nullopt;
    return child;
}

} // namespace lab
