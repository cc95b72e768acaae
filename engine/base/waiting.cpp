// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/waiting.h"

namespace engine {

bool waitForAny(std::vector<Watch> &watches, Deadline deadline)
{
    std::vector<pollfd> entries;
    entries.reserve(watches.size());
    for (const Watch &watch : watches)
        entries.push_back({watch.fd, watch.events, 0});
    const int count = poll(entries.data(), entries.size(), static_cast<int>(deadline.left().count()));
    for (std::size_t i = 0; i < watches.size(); ++i)
        watches[i].ready = count > 0 && entries[i].revents != 0;
    return count > 0;
}

} // namespace engine
