// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakepanel.h"

#include "stage.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QElapsedTimer>

namespace bench {

namespace {

const QString watcherName = QStringLiteral("org.kde.StatusNotifierWatcher");
const QString connectionName = QStringLiteral("fake panel");
const QString menuPath = QStringLiteral("/MenuBar");
const QString menuInterface = QStringLiteral("com.canonical.dbusmenu");

/// Reads a menu entry, (ia{sv}av), and those below it.
void count(const QDBusArgument &argument, FakePanel::Menu &menu)
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

FakePanel::FakePanel()
    : m_bus(QDBusConnection::connectToBus(QDBusConnection::SessionBus, connectionName))
{
}

FakePanel::~FakePanel()
{
    QDBusConnection::disconnectFromBus(connectionName);
}

bool FakePanel::appear()
{
    return m_bus.registerObject(QStringLiteral("/StatusNotifierWatcher"), this, QDBusConnection::ExportAllContents) &&
           m_bus.registerService(watcherName);
}

void FakePanel::RegisterStatusNotifierItem(const QString &service)
{
    m_items.append(service);
    Q_EMIT StatusNotifierItemRegistered(service);
}

FakePanel::Menu FakePanel::openMenu()
{
    Menu menu;
    QElapsedTimer clock;
    clock.start();
    const auto ask = [this](const QString &member, const QVariantList &arguments) {
        QDBusMessage message = QDBusMessage::createMethodCall(m_items.constFirst(), menuPath, menuInterface, member);
        message.setArguments(arguments);
        const QDBusPendingCallWatcher answer(m_bus.asyncCall(message, 60000));
        testing::eventually([&] { return answer.isFinished(); });
        return answer.reply();
    };
    ask(QStringLiteral("AboutToShow"), {0});
    const QDBusMessage layout = ask(QStringLiteral("GetLayout"), {0, -1, QStringList()});
    menu.ms = clock.elapsed();
    if (layout.arguments().size() == 2)
        count(layout.arguments().at(1).value<QDBusArgument>(), menu);
    return menu;
}

} // namespace bench
