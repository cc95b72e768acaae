// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "channel.h"
#include "model/result.h"

#include <QObject>

#include <chrono>
#include <deque>

namespace qubes {

/// Makes calls over a transport: each is answered exactly once, within its deadline, with a bounded reply. Quick calls
/// (lists) and slow ones (attach, start) have lanes of their own, so a slow one never holds up a list.
class CallQueue : public QObject
{
    Q_OBJECT
public:
    enum class Lane { Quick, Slow };
    struct Limits
    {
        int quickAtATime = 16;
        int slowAtATime = 32;
        qsizetype maxReply = qsizetype{8} * 1024 * 1024;
    };
    using Reply = model::Answer<QByteArray>;

    CallQueue(Transport *transport, Limits limits, QObject *parent = nullptr);
    ~CallQueue() override;

    /// The deadline counts from when the call is sent.
    void call(const Request &request, Lane lane, std::chrono::milliseconds deadline, Reply reply);
    int running() const { return m_running[0] + m_running[1]; }

private:
    struct Waiting
    {
        Request request;
        std::chrono::milliseconds deadline;
        Reply reply;
    };
    void next(Lane lane);
    void send(Lane lane, const Waiting &waiting);

    Transport *m_transport;
    Limits m_limits;
    std::deque<Waiting> m_waiting[2];
    int m_running[2] = {0, 0};
};

} // namespace qubes
