// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace engine {

/// A property of a USB device in udev's database; empty if it has none.
std::string udevProperty(const std::string &busid, const std::string &name);

} // namespace engine
