// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakeuevents.h"

#include <array>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <umockdev.h>
#include <unistd.h>

namespace {

void add(UMockdevTestbed *testbed, const std::string &name, const std::string &type)
{
    const char *attributes[] = {"speed", "480", nullptr};
    const char *properties[] = {"DEVTYPE", type.c_str(), "ID_SERIAL_SHORT", "0001", nullptr};
    g_free(umockdev_testbed_add_devicev(testbed, "usb", name.c_str(), nullptr, const_cast<char **>(attributes),
                                        const_cast<char **>(properties)));
}

/// One message is one command, and answered by one message.
int serve(int socket)
{
    UMockdevTestbed *const testbed = umockdev_testbed_new();
    std::string answer(g_getenv("UMOCKDEV_DIR"));
    std::array<char, 256> message{};
    while (::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL) > 0) {
        const ssize_t length = ::recv(socket, message.data(), message.size(), 0);
        if (length <= 0)
            break;
        std::istringstream words(std::string(message.data(), static_cast<std::size_t>(length)));
        std::string what;
        std::string name;
        std::string detail;
        words >> what >> name >> detail;
        if (what == "add")
            add(testbed, name, detail);
        else
            umockdev_testbed_uevent(testbed, ("/sys/devices/" + name).c_str(), detail.c_str());
        answer = "done";
    }
    g_object_unref(testbed); // and its folder with it
    return 0;
}

std::pair<engine::UniqueFd, engine::UniqueFd> messagePair()
{
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::runtime_error("socketpair");
    return {engine::UniqueFd(ends[0]), engine::UniqueFd(ends[1])};
}

std::string answerOf(int socket)
{
    std::array<char, 256> message{};
    const ssize_t length = ::recv(socket, message.data(), message.size(), 0);
    if (length <= 0)
        throw std::runtime_error("the testbed has ended");
    return {message.data(), static_cast<std::size_t>(length)};
}

} // namespace

FakeUevents::FakeUevents()
    : m_ends(messagePair())
    , m_testbed(std::make_unique<Forked>([this] {
        m_ends.first.reset();
        return serve(m_ends.second.get());
    }))
{
    m_ends.second.reset();
    setenv("UMOCKDEV_DIR", answerOf(fd()).c_str(), 1);
}

FakeUevents::~FakeUevents()
{
    m_ends.first.reset(); // which ends it, and it removes its folder
    m_testbed->wait();
}

bool FakeUevents::available()
{
    return umockdev_in_mock_environment() != 0;
}

void FakeUevents::moveTo(int fd)
{
    if (dup2(m_ends.first.get(), fd) != fd)
        throw std::runtime_error("dup2");
    m_ends.first = engine::UniqueFd(fd);
}

void FakeUevents::ask(const std::string &what, const std::string &name, const std::string &detail) const
{
    std::string command = what;
    command.append(" ").append(name).append(" ").append(detail);
    if (::send(fd(), command.data(), command.size(), MSG_NOSIGNAL) < 0)
        throw std::runtime_error("the testbed has ended");
    answerOf(fd());
}
