// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/devicemodel.h"

namespace control {

/// Where a device most likely goes. Few, whatever number of qubes there is: the chooser has all.
struct Suggestions
{
    static constexpr qsizetype most = 5;

    QList<model::Target> targets = {}; ///< the likeliest first; none that cannot have it
    bool isFirstExpected = false;      ///< by a rule, or because the device was there last
    /// The default template, or the only one there is, for a new disposable by one click.
    std::optional<model::Target> disposable = {};
    bool isAll = true; ///< there is no target besides
};

} // namespace control
