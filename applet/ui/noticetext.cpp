// SPDX-License-Identifier: GPL-2.0-or-later
#include "noticetext.h"

#include "failuretext.h"
#include "wording.h"

namespace ui {

using model::Device;
using model::DeviceModel;
using model::QubeName;

namespace {

constexpr qsizetype listed = 5;

dbus::Notification texts(const QString &summary, const QString &body = {})
{
    dbus::Notification notification;
    notification.summary = summary;
    notification.body = body;
    return notification;
}

} // namespace

NoticeText::Texts NoticeText::pluggedIn(const DeviceModel &model, const Device &device)
{
    const QString what = QStringLiteral("%1 (%2)").arg(Wording::name(model, device.usb), device.key().toString());
    //: %1: what it is ("Keyboard")
    return texts(tr("%1 plugged in").arg(Wording::category(device.usb.category())),
                 device.usb.isInput() ? QStringLiteral("%1\n%2").arg(what, Wording::inputWarning(device.usb)) : what);
}

NoticeText::Texts NoticeText::progress(const DeviceModel &model, const Device &device, const model::Job &job)
{
    return texts(Wording::step(job), Wording::uniqueName(model, device));
}

NoticeText::Texts NoticeText::attached(const DeviceModel &model, const Device &device, const QubeName &qube)
{
    return texts(tr("Attached to %1").arg(qube.toString()), Wording::uniqueName(model, device));
}

NoticeText::Texts NoticeText::detached(const DeviceModel &model, const Device &device, const QubeName &qube)
{
    return texts(tr("Detached from %1").arg(qube.toString()), Wording::uniqueName(model, device));
}

NoticeText::Texts NoticeText::removedInUse(const DeviceModel &model, const Device &last)
{
    const QString qube = last.attachedTo ? last.attachedTo->toString() : QString();
    return texts(tr("Removed while attached to %1").arg(qube),
                 QStringLiteral("%1\n%2").arg(Wording::uniqueName(model, last),
                                              tr("Detach devices before you unplug them, or data may be lost.")));
}

NoticeText::Texts NoticeText::restarted(const DeviceModel &model, const Device &device, const QubeName &qube)
{
    return texts(tr("Restarted itself while attached to %1").arg(qube.toString()),
                 QStringLiteral("%1\n%2").arg(Wording::uniqueName(model, device),
                                              tr("It was away for a moment and is not attached any more.")));
}

NoticeText::Texts NoticeText::failed(const QString &name, const model::Job &job)
{
    const QString why = FailureText::explanation(job);
    return texts(FailureText::headline(job), name.isEmpty() ? why : QStringLiteral("%1\n%2").arg(name, why));
}

NoticeText::Texts NoticeText::manyPluggedIn(const QStringList &names)
{
    return texts(tr("%n USB device(s) plugged in", nullptr, static_cast<int>(names.size())), list(names));
}

NoticeText::Texts NoticeText::manyRemovedInUse(const QStringList &names)
{
    return texts(tr("%n USB device(s) removed while attached", nullptr, static_cast<int>(names.size())), list(names));
}

NoticeText::Texts NoticeText::disconnected()
{
    return texts(tr("No connection to Qubes"), tr("USB devices are shown as they were seen last."));
}

QString NoticeText::list(const QStringList &names)
{
    QStringList shown = names.first(std::min(names.size(), listed));
    if (names.size() > listed)
        shown.append(tr("and %n more", nullptr, static_cast<int>(names.size() - listed)));
    return shown.join(QLatin1Char('\n'));
}

QString NoticeText::choose()
{
    return tr("Choose…");
}

QString NoticeText::details()
{
    return tr("Details");
}

} // namespace ui
