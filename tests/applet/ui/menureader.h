// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ui/menutext.h"

namespace testing {

/// What people see of an action's text. "" or another text than was meant if access keys got into it.
QString shownText(const QString &text, ui::DrawnBy drawnBy);

} // namespace testing
