// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace engine {

/// Has 0, 1 and 2 open, on /dev/null where they are not: else the next file that is opened would be one of them, and be
/// written to as standard error.
void openStandardDescriptors();

} // namespace engine
