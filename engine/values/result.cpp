// SPDX-License-Identifier: GPL-2.0-or-later
#include "values/result.h"

#include <new>
#include <system_error>

namespace engine {

Error systemError(const std::string &what, int number)
{
    return {Fault::System, what + ": " + std::generic_category().message(number), number};
}

Error exceptionError(const std::exception &thrown)
{
    if (dynamic_cast<const std::bad_alloc *>(&thrown) != nullptr)
        return {Fault::System, "this qube has no memory left: close something in it, then try again"};
    return {Fault::System, std::string("a mistake of this program (") + thrown.what() + "): please report it"};
}

} // namespace engine
