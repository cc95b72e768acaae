// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/standard.h"

#include <fcntl.h>
#include <unistd.h>

namespace engine {

void openStandardDescriptors()
{
    int fd = 0;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

} // namespace engine
