// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QPoint>
#include <QRect>
#include <QSize>

namespace ui {

/// Where a window of `size` goes that belongs to an icon at `icon`: on the side where there is room, near the icon,
/// and wholly inside of `available`, the screen without its panels.
QRect popoverGeometry(const QPoint &icon, const QSize &size, const QRect &available);

} // namespace ui
