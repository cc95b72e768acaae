// SPDX-License-Identifier: GPL-2.0-or-later
#include "rowdelegate.h"

#include "devicerows.h"
#include "wording.h"

#include <QAbstractItemView>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>
#include <QTimerEvent>

namespace ui {

namespace {

constexpr int margin = 8;
constexpr int iconSize = 32;
constexpr int smallIcon = 16;
constexpr int motionMs = 40;

QFont smaller(const QFont &font)
{
    QFont small = font;
    if (font.pointSizeF() > 0)
        small.setPointSizeF(font.pointSizeF() * 0.9);
    return small;
}

} // namespace

RowDelegate::RowDelegate(QAbstractItemView *view)
    : QStyledItemDelegate(view)
    , m_view(view)
{
    m_clock.start();
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int line = option.fontMetrics.height();
    if (DeviceRows::isHeading(index))
        return {200, std::max(line + margin + 4, index.data(DeviceRows::ActionTextRole).toString().isEmpty() ? 0 : 38)};
    return {200, std::max(2 * line + 2 * margin, iconSize + 2 * margin)};
}

QRect RowDelegate::buttonRect(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QString text = index.data(DeviceRows::ActionTextRole).toString();
    if (text.isEmpty())
        return {};
    const int height = option.fontMetrics.height() + 12;
    const int width =
        std::min(option.fontMetrics.horizontalAdvance(text) + 24, std::max(80, option.rect.width() * 45 / 100));
    return {option.rect.right() - margin - width, option.rect.center().y() - height / 2, width, height};
}

void RowDelegate::paint(QPainter *painter, const QStyleOptionViewItem &given, const QModelIndex &index) const
{
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    option.text.clear();
    option.icon = {};
    painter->save();
    option.widget->style()->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);
    if (DeviceRows::isHeading(index))
        paintHeading(painter, option, index);
    else
        paintDevice(painter, option, index);
    paintButton(painter, option, index);
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        QStyleOptionFocusRect focus;
        focus.QStyleOption::operator=(option);
        option.widget->style()->drawPrimitive(QStyle::PE_FrameFocusRect, &focus, painter, option.widget);
    }
    painter->restore();
}

void RowDelegate::paintHeading(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    QRect rect = option.rect.adjusted(margin, 0, -margin, 0);
    const QRect button = buttonRect(option, index);
    if (!button.isEmpty())
        rect.setRight(button.left() - margin);
    const QRect icon(rect.left(), rect.center().y() - smallIcon / 2, smallIcon, smallIcon);
    index.data(Qt::DecorationRole).value<QIcon>().paint(painter, icon);
    rect.setLeft(icon.right() + margin);
    QFont bold = option.font;
    bold.setBold(true);
    painter->setFont(bold);
    painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
    const QString name = index.data(Qt::DisplayRole).toString();
    painter->drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine, name);
    rect.setLeft(rect.left() + QFontMetrics(bold).horizontalAdvance(name) + margin);
    painter->setFont(smaller(option.font));
    painter->setOpacity(0.75);
    const QString note = painter->fontMetrics().elidedText(index.data(DeviceRows::SecondLineRole).toString(),
                                                           Qt::ElideRight, rect.width());
    painter->drawText(rect, Qt::AlignVCenter | Qt::TextSingleLine, note);
    painter->setOpacity(1);
}

void RowDelegate::paintDevice(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    QRect rect = option.rect.adjusted(margin, margin, -margin, -margin);
    const QRect button = buttonRect(option, index);
    if (!button.isEmpty())
        rect.setRight(button.left() - margin);
    const QRect icon(rect.left() + margin, option.rect.center().y() - iconSize / 2, iconSize, iconSize);
    index.data(Qt::DecorationRole).value<QIcon>().paint(painter, icon);
    rect.setLeft(icon.right() + margin + 2);

    painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
    painter->setFont(option.font);
    const int line = option.fontMetrics.height();
    const int top = option.rect.center().y() - line;
    QRect first(rect.left(), top, rect.width(), line);
    if (index.data(DeviceRows::NewRole).toBool())
        first.setLeft(paintMark(painter, option, first, Wording::isNew()));
    const QString name =
        option.fontMetrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, first.width());
    painter->drawText(first, Qt::AlignVCenter | Qt::TextSingleLine, name);

    painter->setFont(smaller(option.font));
    const QFontMetrics metrics = painter->fontMetrics();
    QRect second(rect.left(), top + line + 1, rect.width(), line);
    const QString qube = index.data(DeviceRows::QubeNameRole).toString();
    QString text = index.data(DeviceRows::SecondLineRole).toString();
    if (!qube.isEmpty())
        text += QStringLiteral("  →");
    const bool failed = index.data(DeviceRows::FailedRole).toBool();
    painter->setOpacity(failed ? 1 : 0.75);
    painter->drawText(second, Qt::AlignVCenter | Qt::TextSingleLine,
                      metrics.elidedText(text, Qt::ElideRight, second.width()));
    painter->setOpacity(1);
    if (!qube.isEmpty()) {
        second.setLeft(second.left() + metrics.horizontalAdvance(text) + margin / 2);
        const QRect qubeIcon(second.left(), second.center().y() - smallIcon / 2, smallIcon, smallIcon);
        index.data(DeviceRows::QubeIconRole).value<QIcon>().paint(painter, qubeIcon);
        second.setLeft(qubeIcon.right() + margin / 2);
        painter->drawText(second, Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(qube, Qt::ElideRight, second.width()));
    }
    if (index.data(DeviceRows::BusyRole).toBool())
        paintMotion(painter, option);
}

int RowDelegate::paintMark(QPainter *painter, const QStyleOptionViewItem &option, const QRect &line,
                           const QString &text)
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QColor back = option.palette.color(selected ? QPalette::HighlightedText : QPalette::Highlight);
    const QColor front = option.palette.color(selected ? QPalette::Highlight : QPalette::HighlightedText);
    painter->save();
    painter->setFont(smaller(option.font));
    const int width = painter->fontMetrics().horizontalAdvance(text) + margin;
    const QRect mark(line.left(), line.top(), width, line.height());
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(back);
    painter->drawRoundedRect(mark, 3, 3);
    painter->setPen(front);
    painter->drawText(mark, Qt::AlignCenter | Qt::TextSingleLine, text);
    painter->restore();
    return mark.right() + margin;
}

void RowDelegate::paintButton(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QRect rect = buttonRect(option, index);
    if (rect.isEmpty())
        return;
    QStyleOptionButton button;
    button.initFrom(option.widget);
    button.rect = rect;
    // A button of a style draws '&' as the mark of an access key.
    const QString text = index.data(DeviceRows::ActionTextRole).toString();
    button.text = option.fontMetrics.elidedText(text, Qt::ElideRight, rect.width() - 16)
                      .replace(QLatin1Char('&'), QLatin1String("&&"));
    button.state = QStyle::State_Enabled | QStyle::State_Active;
    button.state |= m_pressed == index ? QStyle::State_Sunken : QStyle::State_Raised;
    if (option.state.testFlag(QStyle::State_MouseOver) &&
        rect.contains(m_view->viewport()->mapFromGlobal(QCursor::pos())))
        button.state |= QStyle::State_MouseOver;
    painter->setFont(option.font);
    option.widget->style()->drawControl(QStyle::CE_PushButton, &button, painter, option.widget);
}

void RowDelegate::paintMotion(QPainter *painter, const QStyleOptionViewItem &option) const
{
    m_sawBusy = true;
    if (!m_motion.isActive())
        m_motion.start(motionMs, const_cast<RowDelegate *>(this));
    const QRect track(option.rect.left() + margin, option.rect.bottom() - 4, option.rect.width() - 2 * margin, 3);
    QColor color = option.palette.color(option.state.testFlag(QStyle::State_Selected) ? QPalette::HighlightedText
                                                                                      : QPalette::Highlight);
    painter->setPen(Qt::NoPen);
    const int length = track.width() / 4;
    const int span = track.width() - length;
    const int period = std::max(1, 2 * span);
    const int at = static_cast<int>(m_clock.elapsed() / 4 % period);
    color.setAlphaF(0.25F);
    painter->fillRect(track, color);
    color.setAlphaF(1);
    painter->fillRect(track.left() + (at < span ? at : 2 * span - at), track.top(), length, track.height(), color);
}

void RowDelegate::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_motion.timerId())
        return QStyledItemDelegate::timerEvent(event);
    if (!m_sawBusy)
        m_motion.stop();
    m_sawBusy = false;
    m_view->viewport()->update();
}

bool RowDelegate::editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                              const QModelIndex &index)
{
    const bool press = event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonDblClick;
    if (press || event->type() == QEvent::MouseButtonRelease) {
        auto *const mouse = static_cast<QMouseEvent *>(event);
        const bool onButton = buttonRect(option, index).contains(mouse->position().toPoint());
        if (mouse->button() == Qt::LeftButton && press) {
            m_pressed = onButton ? QPersistentModelIndex(index) : QPersistentModelIndex();
            m_view->viewport()->update();
            return onButton;
        }
        if (mouse->button() == Qt::LeftButton) {
            const bool clicked = onButton && m_pressed == index;
            m_pressed = QPersistentModelIndex();
            m_view->viewport()->update();
            if (clicked)
                Q_EMIT buttonClicked(index);
            return clicked;
        }
    }
    return QStyledItemDelegate::editorEvent(event, model, option, index);
}

} // namespace ui
