// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <variant>

namespace engine {

/// What went wrong, as far as a caller decides by it. Each is one exit code of the program (see exitcode.h).
enum class Fault {
    System,     ///< the kernel or this qube's system refused something it should not
    BadRequest, ///< malformed input; nothing was changed
    NotFound,   ///< no such device, or not exactly one
    Unsuitable, ///< the device must not be passed on (hub, mounted, imported, no longer what it was)
    Busy,       ///< in use by a qube, or no free port
    Missing,    ///< something is not installed or loaded in this qube
    Peer,       ///< the other qube refused, failed, or talked nonsense
    Denied,     ///< dom0's policy refused
    Timeout,    ///< no end in time
    Blocked,    ///< this qube does not allow the device to be used (usbguard)
    Cancelled,  ///< told to stop
};

/// A failure. Made once, where errno is fresh; `text` is a clause that names the thing, for people.
struct Error
{
    Fault fault = Fault::System;
    std::string text;
    int number = 0; ///< errno where the kernel said so, else 0
};

/// std::expected's spelling for a toolchain that does not have it yet.
template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }
    T &operator*() { return std::get<0>(m_state); }
    const T &operator*() const { return std::get<0>(m_state); }
    T *operator->() { return &std::get<0>(m_state); }
    const T *operator->() const { return &std::get<0>(m_state); }
    const Error &error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }
    const Error &error() const { return std::get<1>(m_state); }

private:
    std::variant<std::monostate, Error> m_state;
};

/// An Error of the system: `what` (a clause), then the text of errno value `number`.
Error systemError(const std::string &what, int number);

/// What an exception of the C++ library means to people: no memory, most likely.
Error exceptionError(const std::exception &thrown);

} // namespace engine
