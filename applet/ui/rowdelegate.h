// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QStyledItemDelegate>

class QAbstractItemView;

namespace ui {

/// Paints the rows of DeviceRows: two lines, the button of the row, and motion while something is being done.
class RowDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit RowDelegate(QAbstractItemView *view);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    /// Where the button of the row is; empty if it has none.
    QRect buttonRect(const QStyleOptionViewItem &option, const QModelIndex &index) const;

Q_SIGNALS:
    void buttonClicked(const QModelIndex &index);

protected:
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                     const QModelIndex &index) override;
    void timerEvent(QTimerEvent *event) override;

private:
    void paintHeading(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintDevice(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintButton(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    /// Of a device, before its name; gives where that begins.
    static int paintMark(QPainter *painter, const QStyleOptionViewItem &option, const QRect &line, const QString &text);
    void paintMotion(QPainter *painter, const QStyleOptionViewItem &option) const;

    QAbstractItemView *m_view;
    mutable QBasicTimer m_motion; ///< runs while a busy row is on the screen
    mutable bool m_sawBusy = false;
    QElapsedTimer m_clock;
    QPersistentModelIndex m_pressed;
};

} // namespace ui
