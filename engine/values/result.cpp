// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/result.h"

#include <system_error>

namespace engine {

Error systemError(const std::string &what, int number)
{
    return {Fault::System, what + ": " + std::generic_category().message(number), number};
}

} // namespace engine
