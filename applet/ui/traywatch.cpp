// SPDX-License-Identifier: GPL-2.0-or-later
#include "traywatch.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QGuiApplication>

#include <cstdlib>
#include <memory>

#include <xcb/xcb.h>

namespace ui {

namespace {

const QString watcherName = QStringLiteral("org.kde.StatusNotifierWatcher");
const QString watcherPath = QStringLiteral("/StatusNotifierWatcher");

struct Freer
{
    void operator()(void *pointer) const { std::free(pointer); }
};
template <typename T>
using Reply = std::unique_ptr<T, Freer>;

} // namespace

TrayWatch::TrayWatch(const QDBusConnection &bus, Timing timing, QObject *parent)
    : QObject(parent)
    , m_bus(bus)
    , m_watcher(watcherName, bus, QDBusServiceWatcher::WatchForRegistration)
    , m_timing(timing)
{
    m_patience.setSingleShot(true);
    m_patience.setInterval(timing.patience);
    m_poll.setInterval(timing.poll);
    connect(&m_watcher, &QDBusServiceWatcher::serviceRegistered, this, &TrayWatch::askHost);
    connect(&m_poll, &QTimer::timeout, this, &TrayWatch::look);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        look();
        if (m_kind == Kind::None)
            Q_EMIT nothingFound();
    });
}

TrayWatch::~TrayWatch() = default;

void TrayWatch::start()
{
    m_bus.connect(watcherName, watcherPath, watcherName, QStringLiteral("StatusNotifierHostRegistered"), this,
                  SLOT(askHost()));
    askHost();
    m_patience.start();
    m_poll.start();
}

void TrayWatch::askHost()
{
    if (m_kind != Kind::None)
        return;
    QDBusMessage get = QDBusMessage::createMethodCall(
        watcherName, watcherPath, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    get << watcherName << QStringLiteral("IsStatusNotifierHostRegistered");
    auto *const call = new QDBusPendingCallWatcher(m_bus.asyncCall(get), this);
    connect(call, &QDBusPendingCallWatcher::finished, this, [this, call] {
        call->deleteLater();
        const QDBusPendingReply<QVariant> reply = *call;
        if (!reply.isError() && reply.value().toBool())
            setKind(Kind::StatusNotifier);
    });
}

void TrayWatch::look()
{
    // A panel may bring both kinds, one after the other; the better one gets its chance first.
    if (m_kind == Kind::None && !m_patience.isActive() && hasEmbeddingTray())
        setKind(Kind::Embedding);
}

void TrayWatch::setKind(Kind kind)
{
    if (m_kind != Kind::None)
        return;
    m_kind = kind;
    m_poll.stop();
    m_patience.stop();
    Q_EMIT found(kind);
}

bool TrayWatch::hasEmbeddingTray()
{
    auto *const x11 = qGuiApp->nativeInterface<QNativeInterface::QX11Application>();
    // Platforms without a screen (offscreen, minimal, vnc) have that interface, too, with nothing behind it.
    xcb_connection_t *const connection = x11 ? x11->connection() : nullptr;
    if (!connection)
        return false;
    // https://specifications.freedesktop.org/systemtray-spec: the owner of this selection is the tray.
    constexpr char selection[] = "_NET_SYSTEM_TRAY_S0";
    const auto atomCookie = xcb_intern_atom(connection, 1, sizeof(selection) - 1, selection);
    const Reply<xcb_intern_atom_reply_t> atom(xcb_intern_atom_reply(connection, atomCookie, nullptr));
    if (!atom || atom->atom == XCB_ATOM_NONE)
        return false;
    const auto ownerCookie = xcb_get_selection_owner(connection, atom->atom);
    const Reply<xcb_get_selection_owner_reply_t> owner(xcb_get_selection_owner_reply(connection, ownerCookie, nullptr));
    return owner && owner->owner != XCB_WINDOW_NONE;
}

} // namespace ui
