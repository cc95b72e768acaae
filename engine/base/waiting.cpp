// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/waiting.h"

namespace engine {

bool waitForAny(std::vector<Watch> &watches, Deadline deadline)
{
    std::vector<pollfd> entries;
    entries.reserve(watches.size() + 1);
    for (const Watch &watch : watches)
        entries.push_back({watch.fd, watch.events, 0});
    entries.push_back({deadline.stop(), POLLIN, 0});
    const int count = poll(entries.data(), entries.size(), static_cast<int>(deadline.left().count()));
    bool any = false;
    for (std::size_t i = 0; i < watches.size(); ++i) {
        // A descriptor that is none (POLLNVAL) would be "ready" for ever, and nothing could be read from it.
        watches[i].ready = count > 0 && (entries[i].revents & ~POLLNVAL) != 0;
        any = any || watches[i].ready;
    }
    return any;
}

} // namespace engine
