// SPDX-License-Identifier: GPL-2.0-or-later
#include "icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

#include <utility>

namespace ui {

namespace {

constexpr int sizes[] = {16, 22, 24, 32, 44, 48, 64, 128};
/// What our SVGs of qubes are filled with, to be replaced by the colour of the label.
constexpr auto standInColor = "#0000fe";

QString fileOf(model::QubeClass qubeClass)
{
    switch (qubeClass) {
    case model::QubeClass::Disposable:
        return QStringLiteral("qube-disposable");
    case model::QubeClass::Template:
        return QStringLiteral("qube-template");
    case model::QubeClass::Standalone:
        return QStringLiteral("qube-standalone");
    case model::QubeClass::Admin:
    case model::QubeClass::App:
    case model::QubeClass::Remote:
    case model::QubeClass::Other:
        break;
    }
    return QStringLiteral("qube-app");
}

/// Has a name, for who can look it up, and pixels of another icon for who cannot.
class NamedEngine : public QIconEngine
{
public:
    NamedEngine(QString name, QIcon pixels)
        : m_name(std::move(name))
        , m_pixels(std::move(pixels))
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        m_pixels.paint(painter, rect, Qt::AlignCenter, mode, state);
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        return m_pixels.pixmap(size, 1.0, mode, state);
    }
    QList<QSize> availableSizes(QIcon::Mode mode, QIcon::State state) override
    {
        return m_pixels.availableSizes(mode, state);
    }
    QString iconName() override { return m_name; }
    QIconEngine *clone() const override { return new NamedEngine(*this); }

private:
    QString m_name;
    QIcon m_pixels;
};

} // namespace

QIcon Icons::device(model::Category category, Form form)
{
    return themed(model::categoryIconName(category), QStringLiteral("device-") + model::categoryName(category), form);
}

QIcon Icons::qube(const model::Qube &qube, quint32 color, Form form)
{
    const QString name = qube.iconName();
    if (isThemed(name))
        return themed(name, {}, form);
    const QString file = fileOf(qube.listing.qubeClass);
    QIcon &icon = m_cache[QStringLiteral("%1#%2").arg(file).arg(color, 6, 16, QLatin1Char('0'))];
    if (icon.isNull())
        icon = drawn(file, QColor::fromRgb(color));
    return icon;
}

QIcon Icons::symbol(const QString &name, const QString &fallback, Form form)
{
    return themed(name, fallback, form);
}

QIcon Icons::tray(AppletState state, int attached)
{
    QString name = QStringLiteral("org.qubes.UsbApplet-") + QString::fromLatin1(appletStateName(state));
    if (state == AppletState::Attached && attached > 1)
        name += QLatin1Char('-') + (attached > 9 ? QStringLiteral("more") : QString::number(attached));
    const QString symbolic = name + QStringLiteral("-symbolic");
    const QIcon tile = themed({}, name, Form::Pixels);
    return isThemed(symbolic) ? QIcon(new NamedEngine(symbolic, tile)) : tile;
}

QIcon Icons::application()
{
    const QString name = QStringLiteral("org.qubes.UsbApplet");
    return QIcon::hasThemeIcon(name) ? QIcon::fromTheme(name) : drawn(name);
}

bool Icons::isThemed(const QString &name)
{
    if (m_theme != QIcon::themeName()) {
        m_theme = QIcon::themeName();
        m_cache.clear();
        m_inTheme.clear();
    }
    const auto known = m_inTheme.constFind(name);
    if (known != m_inTheme.cend())
        return *known;
    return *m_inTheme.insert(name, QIcon::hasThemeIcon(name));
}

QIcon Icons::themed(const QString &name, const QString &file, Form form)
{
    const bool known = !name.isEmpty() && isThemed(name); // forgets all icons of another theme
    QIcon &icon = m_cache[name + (form == Form::Pixels ? QLatin1Char('*') : QLatin1Char('/')) + file];
    if (!icon.isNull())
        return icon;
    if (!known)
        icon = drawn(file);
    else
        icon = form == Form::Pixels ? pixels(QIcon::fromTheme(name)) : QIcon::fromTheme(name);
    return icon;
}

QIcon Icons::drawn(const QString &file, const QColor &color)
{
    QFile svg(QStringLiteral(":/icons/%1.svg").arg(file));
    if (!svg.open(QIODevice::ReadOnly))
        return {};
    QByteArray text = svg.readAll();
    if (color.isValid())
        text.replace(standInColor, color.name().toLatin1());
    QSvgRenderer renderer(text);
    QIcon icon;
    for (const int size : sizes) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        renderer.render(&painter);
        icon.addPixmap(pixmap);
        // A heading is a disabled action, and has its label's colour all the same.
        if (color.isValid())
            icon.addPixmap(pixmap, QIcon::Disabled);
    }
    return icon;
}

QIcon Icons::pixels(const QIcon &icon)
{
    QIcon nameless;
    for (const int size : sizes)
        nameless.addPixmap(icon.pixmap(QSize(size, size), 1.0));
    return nameless;
}

} // namespace ui
