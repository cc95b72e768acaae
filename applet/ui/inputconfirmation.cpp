// SPDX-License-Identifier: GPL-2.0-or-later
#include "inputconfirmation.h"

#include "wording.h"

#include <QPushButton>

namespace ui {

InputConfirmation::InputConfirmation(const model::DeviceModel &model, const Request &request, QWidget *parent)
    : QMessageBox(parent)
    , m_request(request)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setIcon(QMessageBox::Warning);
    setTextFormat(Qt::PlainText);
    setWindowTitle(tr("Hand over an input device?"));
    const model::Device *const device = model.device(request.device);
    const QString name = device ? Wording::uniqueName(model, *device) : request.device.toString();
    const QString qube = request.qube ? request.qube->toString() : QString();
    setText(request.kind == Request::Kind::AttachToDisposable
                ? tr("Attach %1 to a new disposable of %2?").arg(name, qube)
                : tr("Attach %1 to %2?").arg(name, qube));
    if (device)
        setInformativeText(Wording::inputWarning(device->usb));
    QPushButton *const yes = addButton(tr("Attach"), QMessageBox::AcceptRole);
    QPushButton *const no = addButton(QMessageBox::Cancel);
    no->setText(tr("Cancel"));
    setDefaultButton(no);
    connect(this, &QMessageBox::buttonClicked, this, [this, yes](const QAbstractButton *button) {
        if (button == yes)
            Q_EMIT confirmed(m_request);
    });
}

} // namespace ui
