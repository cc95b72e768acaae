// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicejob.h"

#include "devicemodel.h"

#include <QTimer>

#include <algorithm>

namespace model {

namespace {

/// Whether the server said nothing of what was asked of it.
bool isNoWord(const std::optional<Failure> &answer)
{
    return answer && (answer->reason == Reason::NoAnswer || answer->reason == Reason::Unreachable);
}

} // namespace

DeviceJob::DeviceJob(DeviceModel *model, Kind kind, const DeviceKey &device, std::optional<QubeName> qube)
    : Job(model, kind, device, std::move(qube))
    , m_key(device)
    , m_asked(model->device(device)->usb)
{
    setSubject(model->name(m_asked));
}

void DeviceJob::attachTo(const QubeName &frontend, const Then &then)
{
    if (m_asked.isComparedByServer()) {
        sendAttach(frontend, then);
        return;
    }
    // Nobody but us can compare, so look as late as can be.
    model()->reread(m_key, frontend, whileAlive([this, frontend, then](bool read) {
                        if (read)
                            sendAttach(frontend, then);
                        else
                            then(whyAnother().value_or(Failure{Reason::Unreachable, {}}));
                    }));
}

void DeviceJob::sendAttach(const QubeName &frontend, const Then &then)
{
    if (const auto another = whyAnother()) {
        then(another);
        return;
    }
    model()->system()->attach(frontend, m_asked, whileAlive([this, frontend, then](const Result<Done> &answer) {
                                  settle(frontend, true, answer ? std::nullopt : std::optional(answer.error()), then);
                              }));
}

std::optional<Failure> DeviceJob::whyAnother() const
{
    return model()->whyAnother({m_key, m_asked.identity()});
}

void DeviceJob::detachFrom(const QubeName &frontend, const Then &then)
{
    // R4.3's server compares the port only (DeviceCollection.detach in qubes/devices.py) and would take another
    // backend's device that has the same port, so look first.
    model()->system()->readAttached(frontend, whileAlive([this, frontend, then](const Result<FrontendLists> &lists) {
                                        if (!lists) {
                                            settle(frontend, false, lists.error(), then);
                                            return;
                                        }
                                        const auto isOther = [this](const Attachment &attachment) {
                                            return attachment.device.port == m_key.port &&
                                                   attachment.device.backend != m_key.backend;
                                        };
                                        if (model()->generation() == Generation::Modern &&
                                            std::any_of(lists->attached.begin(), lists->attached.end(), isOther)) {
                                            then(Failure{Reason::SamePortElsewhere, {}});
                                            return;
                                        }
                                        sendDetach(frontend, then);
                                    }));
}

void DeviceJob::sendDetach(const QubeName &frontend, const Then &then)
{
    model()->system()->detach(frontend, m_key, whileAlive([this, frontend, then](const Result<Done> &answer) {
                                  settle(frontend, false, answer ? std::nullopt : std::optional(answer.error()), then);
                              }));
}

void DeviceJob::settle(const QubeName &frontend, bool want, const std::optional<Failure> &otherwise, const Then &then)
{
    QElapsedTimer since;
    since.start();
    look(frontend, want, since, otherwise, then);
}

void DeviceJob::look(const QubeName &frontend, bool want, QElapsedTimer since, const std::optional<Failure> &otherwise,
                     const Then &then)
{
    model()->reread(m_key, frontend, whileAlive([this, frontend, want, since, otherwise, then](bool read) {
                        const bool lost = !read && !model()->isReady(); // and perhaps the answer with it
                        const auto word = lost && isNoWord(otherwise) ? Failure{Reason::ConnectionLost, {}} : otherwise;
                        if (lost && std::chrono::milliseconds(since.elapsed()) < model()->timing().lostLimit) {
                            lookLater(frontend, want, since, word, then);
                            return;
                        }
                        if (!read) { // all there is then is the server's word
                            then(word);
                            return;
                        }
                        const Device *const row = model()->device(m_key);
                        if (const auto another = row && want ? whyAnother() : std::nullopt) {
                            // Swapped between our look and the call: it must not stay there. Where the server compares
                            // somebody else has attached it.
                            const bool unknown = otherwise && otherwise->reason == Reason::ConnectionLost;
                            const bool isOurs = (!otherwise || unknown) && !m_asked.isComparedByServer();
                            if (isOurs && row->attachedTo == frontend)
                                detachFrom(frontend, [then, another](const std::optional<Failure> &stuck) {
                                    then(stuck ? stuck : another);
                                });
                            else
                                then(another);
                            return;
                        }
                        const bool there = row && row->attachedTo == frontend;
                        if (there == want && (row || !want)) {
                            then(std::nullopt);
                            return;
                        }
                        if (otherwise) {
                            then(otherwise);
                            return;
                        }
                        if (!row) {
                            then(Failure{Reason::NoSuchDevice, {}});
                            return;
                        }
                        const DeviceModel::Timing &timing = model()->timing();
                        if (std::chrono::milliseconds(since.elapsed()) >= timing.settleLimit) {
                            then(Failure{Reason::NotAsAnswered, {}});
                            return;
                        }
                        lookLater(frontend, want, since, otherwise, then);
                    }));
}

void DeviceJob::lookLater(const QubeName &frontend, bool want, QElapsedTimer since,
                          const std::optional<Failure> &otherwise, const Then &then)
{
    QTimer::singleShot(model()->timing().settlePoll, this, [this, frontend, want, since, otherwise, then] {
        look(frontend, want, since, otherwise, then);
    });
}

} // namespace model
