// SPDX-License-Identifier: GPL-2.0-or-later
#include "callqueue.h"

#include "pendingcall.h"

#include <QLoggingCategory>

namespace qubes {

namespace {

Q_LOGGING_CATEGORY(logCalls, "qubes.usb.calls", QtWarningMsg)

QByteArray wordsOf(const Request &request)
{
    const QByteArray call = request.argument.isEmpty() ? request.method : request.method + '+' + request.argument;
    return call + ' ' + request.destination.toString().toUtf8();
}

size_t indexOf(CallQueue::Lane lane)
{
    return lane == CallQueue::Lane::Quick ? 0 : 1;
}

} // namespace

CallQueue::CallQueue(Transport *transport, Limits limits, QObject *parent)
    : QObject(parent)
    , m_transport(transport)
    , m_limits(limits)
{
}

CallQueue::~CallQueue() = default;

void CallQueue::call(const Request &request, Lane lane, std::chrono::milliseconds deadline, Reply reply)
{
    m_waiting[indexOf(lane)].push_back(Waiting{request, deadline, std::move(reply)});
    next(lane);
}

void CallQueue::next(Lane lane)
{
    const int limit = lane == Lane::Quick ? m_limits.quickAtATime : m_limits.slowAtATime;
    auto &waiting = m_waiting[indexOf(lane)];
    while (m_running[indexOf(lane)] < limit && !waiting.empty()) {
        const Waiting first = std::move(waiting.front());
        waiting.pop_front();
        send(lane, first);
    }
}

void CallQueue::send(Lane lane, const Waiting &waiting)
{
    ++m_running[indexOf(lane)];
    auto *const pending = new PendingCall(m_transport, waiting.request, waiting.deadline, m_limits.maxReply, this);
    connect(pending, &PendingCall::concluded, this,
            [this, lane, request = waiting.request, reply = waiting.reply](const model::Result<QByteArray> &result) {
                qCDebug(logCalls, "%s: %s", wordsOf(request).constData(),
                        result ? "ok" : model::reasonName(result.error().reason));
                --m_running[indexOf(lane)];
                next(lane);
                reply(result);
            });
}

} // namespace qubes
