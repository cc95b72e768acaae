// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "failure.h"

#include <functional>
#include <utility>
#include <variant>

namespace model {

/// std::expected's spelling for a toolchain that does not have it yet; the error is always a Failure.
template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Failure failure)
        : m_state(std::in_place_index<1>, std::move(failure))
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }
    T &operator*() { return std::get<0>(m_state); }
    const T &operator*() const { return std::get<0>(m_state); }
    T *operator->() { return &std::get<0>(m_state); }
    const T *operator->() const { return &std::get<0>(m_state); }
    const Failure &error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Failure> m_state;
};

/// The value of an operation that gives nothing but its success.
struct Done
{
};

/// How the answer of an asynchronous call comes: called exactly once, never before the call itself has returned.
template <typename T>
using Answer = std::function<void(const Result<T> &)>;

} // namespace model
