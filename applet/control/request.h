// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

namespace control {

/// A rule to be made: for which devices, and how.
struct RuleChoice
{
    model::AssignScope scope = model::AssignScope::Port;
    model::AssignMode mode = model::AssignMode::Automatic;

    bool operator==(const RuleChoice &) const = default;
};

/// Something that somebody wants done with a device.
struct Request
{
    enum class Kind {
        Attach,
        Move,
        StartAndAttach,
        AttachToDisposable,
        Detach,
        DetachAndShutdown,
        SetRule,
        RemoveRule
    };
    Kind kind = Kind::Attach;
    model::DeviceKey device;
    std::optional<model::QubeName> qube = {}; ///< where to; for AttachToDisposable the template, for SetRule whose rule
    /// What was on the screen at that place: it is done with that device or not at all.
    std::optional<model::DeviceIdentity> seen = {};
    std::optional<RuleChoice> rule = {};           ///< for SetRule: the only rule there is to be; nothing: none
    std::optional<model::Assignment> removed = {}; ///< for RemoveRule; others of that qube stay

    bool operator==(const Request &) const = default;
    model::DeviceChoice choice() const { return {device, seen}; }
    /// Whether another qube gets the device, now or by a rule.
    bool handsOver() const
    {
        return kind == Kind::SetRule
                   ? rule.has_value()
                   : kind != Kind::Detach && kind != Kind::DetachAndShutdown && kind != Kind::RemoveRule;
    }
};

} // namespace control
