// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "memory/settings.h"
#include "request.h"

namespace control {

/// Where a device most likely goes. Few, whatever number of qubes there is: the chooser has all.
struct Suggestions
{
    static constexpr qsizetype most = 5;

    QList<model::Target> targets = {}; ///< the likeliest first; none that cannot have it
    /// The default template, or the only one there is, for a new disposable by one click.
    std::optional<model::Target> disposable = {};
    bool isAll = true; ///< there is no target besides
};

/// First the qubes that a rule names, then where the device was last, then where others went last, then what runs;
/// qubes that serve others (networks, devices) at the end. Halted ones only by rule or memory.
Suggestions suggestionsFor(const model::DeviceModel &model, const memory::Settings &settings,
                           const model::DeviceKey &key);

/// What gives the device to that target; nothing if it can't have it.
std::optional<Request> requestTo(const model::DeviceModel &model, const model::DeviceChoice &choice,
                                 const model::Target &target);

} // namespace control
