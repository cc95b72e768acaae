// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/operations.h"

#include <algorithm>

namespace control {

using model::Target;

Suggestions Operations::suggestions(const model::DeviceKey &key) const
{
    const model::Device *const device = m_model->device(key);
    if (!device)
        return {};
    const auto last = m_settings->lastQube(device->usb);
    const QList<model::QubeName> recent = m_settings->recentQubes();
    const QList<model::QubeName> backends = m_model->backends();
    enum Rank : qsizetype { ByRule, Last, Recent };
    const qsizetype running = Recent + recent.size();
    const qsizetype serving = running + 1;
    const auto rankOf = [&](const Target &target) {
        if (target.preferred)
            return qsizetype(ByRule);
        if (target.qube == last)
            return qsizetype(Last);
        if (const qsizetype at = recent.indexOf(target.qube); at >= 0)
            return Recent + at;
        const model::Qube *const qube = m_model->qube(target.qube);
        const bool serves =
            backends.contains(target.qube) || (qube && qube->properties && qube->properties->providesNetwork);
        return serves ? serving : running;
    };

    Suggestions found;
    QList<std::pair<qsizetype, Target>> ranked;
    QList<Target> templates;
    const QList<Target> all = m_model->targets(key);
    for (const Target &target : all) {
        if (target.obstacle)
            continue;
        const qsizetype rank = rankOf(target);
        if (target.kind == Target::Kind::DisposableTemplate) {
            templates.append(target);
        } else if (target.kind == Target::Kind::Running || rank < running) {
            ranked.append({rank, target});
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    found.isFirstExpected = !ranked.isEmpty() && ranked.constFirst().first < Recent;
    for (const auto &[rank, target] : ranked.first(std::min(ranked.size(), Suggestions::most)))
        found.targets.append(target);
    // Which is the default may not be known: a policy may refuse to tell.
    for (const Target &target : std::as_const(templates)) {
        if (target.qube == m_model->defaultDisposable() || (!m_model->defaultDisposable() && templates.size() == 1))
            found.disposable = target;
    }
    found.isAll = found.targets.size() + (found.disposable ? 1 : 0) == all.size();
    return found;
}

std::optional<Request> Operations::requestTo(const model::DeviceChoice &choice, const Target &target) const
{
    const model::Device *const device = m_model->device(choice.key);
    if (target.obstacle || !device)
        return std::nullopt;
    const auto to = [&](Request::Kind kind) { return Request{kind, choice.key, target.qube, choice.seen}; };
    switch (target.kind) {
    case Target::Kind::Running:
        return to(device->attachedTo ? Request::Kind::Move : Request::Kind::Attach);
    case Target::Kind::Halted:
        return to(Request::Kind::StartAndAttach);
    case Target::Kind::DisposableTemplate:
        return to(Request::Kind::AttachToDisposable);
    }
    return std::nullopt;
}

} // namespace control
