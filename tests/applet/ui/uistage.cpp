// SPDX-License-Identifier: GPL-2.0-or-later
#include "uistage.h"

namespace testing {

UiStage::UiStage(const Options &options)
    : Stage(options)
    , settings(folder.filePath(QStringLiteral("settings.ini")))
    , operations(&model, &settings)
{
}

void UiStage::addQubesAndDevices(int qubes, int devices)
{
    for (int i = 0; i < qubes; ++i)
        dom0.add("qube" + QByteArray::number(i), FakeDom0::Qube{});
    FakeDom0::Qube usb;
    for (int i = 1; i <= devices; ++i)
        usb.devices.insert("2-" + QByteArray::number(i), FakeDom0::Device{});
    dom0.add("sys-usb", usb);
}

QStringList UiStage::texts(const QMenu *menu)
{
    QStringList all;
    for (const QAction *const action : menu->actions()) {
        if (!action->isVisible())
            continue;
        QString text = action->isSeparator() ? QStringLiteral("-") : action->text();
        if (!action->isEnabled() && !action->isSeparator())
            text = QLatin1Char('(') + text + QLatin1Char(')');
        if (action->menu())
            text += QLatin1Char('>');
        all.append(text);
    }
    return all;
}

QAction *UiStage::find(const QMenu *menu, const QString &part)
{
    for (QAction *const action : menu->actions()) {
        if (action->isVisible() && action->text().contains(part))
            return action;
    }
    for (const QAction *const action : menu->actions()) {
        if (QAction *const below = action->menu() ? find(action->menu(), part) : nullptr)
            return below;
    }
    return nullptr;
}

} // namespace testing
