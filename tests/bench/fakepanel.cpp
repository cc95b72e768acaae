// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakepanel.h"

#include "stage.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDeadlineTimer>
#include <QElapsedTimer>

namespace bench {

namespace {

const QString watcherName = QStringLiteral("org.kde.StatusNotifierWatcher");
const QString watcherPath = QStringLiteral("/StatusNotifierWatcher");
const QString menuPath = QStringLiteral("/MenuBar");
const QString menuInterface = QStringLiteral("com.canonical.dbusmenu");
constexpr int limitMs = 60000;

QDBusMessage answerTo(const QString &service, const QString &path, const QString &interface, const QString &member,
                      const QVariantList &arguments)
{
    QDBusMessage message = QDBusMessage::createMethodCall(service, path, interface, member);
    message.setArguments(arguments);
    const QDBusPendingCallWatcher answer(QDBusConnection::sessionBus().asyncCall(message, limitMs));
    testing::eventually([&] { return answer.isFinished(); });
    return answer.reply();
}

QStringList registeredItems()
{
    const QDBusMessage answer =
        answerTo(watcherName, watcherPath, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"),
                 {watcherName, QStringLiteral("RegisteredStatusNotifierItems")});
    return answer.arguments().value(0).value<QDBusVariant>().variant().toStringList();
}

/// Reads a menu entry, (ia{sv}av), and those below it.
void count(const QDBusArgument &argument, FetchedMenu &menu)
{
    int id = 0;
    QVariantMap properties;
    QVariantList children;
    argument.beginStructure();
    argument >> id >> properties;
    argument.beginArray();
    while (!argument.atEnd()) {
        QDBusVariant child;
        argument >> child;
        children.append(child.variant());
    }
    argument.endArray();
    argument.endStructure();
    ++menu.entries;
    for (auto it = properties.cbegin(); it != properties.cend(); ++it)
        menu.bytes += it.key().size() + it.value().toByteArray().size();
    for (const QVariant &child : std::as_const(children))
        count(child.value<QDBusArgument>(), menu);
}

} // namespace

bool FakePanel::appear()
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    return bus.registerObject(watcherPath, this, QDBusConnection::ExportAllContents) &&
           bus.registerService(watcherName);
}

void FakePanel::RegisterStatusNotifierItem(const QString &service)
{
    m_items.append(service);
    Q_EMIT StatusNotifierItemRegistered(service);
}

FetchedMenu fetchMenu(qsizetype icon)
{
    FetchedMenu menu;
    QString item;
    for (const QDeadlineTimer limit(limitMs); item.isEmpty() && !limit.hasExpired();)
        item = registeredItems().value(icon);
    if (item.isEmpty())
        return menu;
    QElapsedTimer clock;
    clock.start();
    answerTo(item, menuPath, menuInterface, QStringLiteral("AboutToShow"), {0});
    const QDBusMessage layout =
        answerTo(item, menuPath, menuInterface, QStringLiteral("GetLayout"), {0, -1, QStringList()});
    menu.ms = clock.elapsed();
    if (layout.arguments().size() == 2)
        count(layout.arguments().at(1).value<QDBusArgument>(), menu);
    return menu;
}

} // namespace bench
