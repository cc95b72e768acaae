// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/request.h"

#include "base/waiting.h"
#include "processes/timelimits.h"

#include <cerrno>
#include <unistd.h>

namespace engine {

namespace {

constexpr std::size_t requestLimit = 128;

} // namespace

Result<std::string> readRequest(int fd, const StopSignal &stop)
{
    std::string request;
    const Deadline deadline(requestTime);
    for (;;) {
        std::vector<Watch> watches{{fd}, {stop.fd()}};
        if (!waitForAny(watches, deadline))
            return Error{Fault::BadRequest, "no request came on standard input"};
        if (watches[1].ready)
            return Error{Fault::Cancelled, "the request was withdrawn"};
        char byte = 0;
        const ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || byte == '\n')
            return request;
        request += byte;
        if (request.size() > requestLimit)
            return Error{Fault::BadRequest, "the request on standard input is too long"};
    }
}

} // namespace engine
