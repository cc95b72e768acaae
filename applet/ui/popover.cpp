// SPDX-License-Identifier: GPL-2.0-or-later
#include "popover.h"

#include <algorithm>

namespace ui {

namespace {

constexpr int gap = 6;

/// One direction: where something as long as `length` starts.
int placed(int wanted, int length, int first, int last)
{
    return std::max(first, std::min(wanted, last - length));
}

} // namespace

QRect popoverGeometry(const QPoint &icon, const QSize &size, const QRect &available)
{
    const QRect inner = available.adjusted(gap, gap, -gap, -gap);
    const QSize fitting = size.boundedTo(inner.size());
    const bool below = icon.y() < available.center().y();
    const int y = below ? icon.y() + gap : icon.y() - gap - fitting.height();
    return {QPoint(placed(icon.x() - fitting.width() / 2, fitting.width(), inner.left(), inner.right() + 1),
                   placed(y, fitting.height(), inner.top(), inner.bottom() + 1)),
            fitting};
}

} // namespace ui
