// SPDX-License-Identifier: GPL-2.0-or-later
#include "confirmation.h"

#include "wording.h"

#include <QPushButton>

namespace ui {

using control::Request;

Confirmation::Confirmation(const model::DeviceModel &model, const Request &request,
                           const QList<control::Question> &questions, QWidget *parent)
    : QMessageBox(parent)
    , m_request(request)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setIcon(QMessageBox::Warning);
    setTextFormat(Qt::PlainText);
    setWindowTitle(questions.contains(control::Question::InputDevice) ? tr("Hand over an input device?")
                                                                      : tr("Hand over an unknown device?"));
    const model::Device *const device = model.device(request.device);
    const QString name = device ? Wording::uniqueName(model, *device) : request.device.toString();
    const QString qube = request.qube ? request.qube->toString() : QString();
    setText(request.kind == Request::Kind::AttachToDisposable
                ? tr("Attach %1 to a new disposable of %2?").arg(name, qube)
            : request.kind == Request::Kind::SetRule ? tr("Attach %1 to %2 automatically from now on?").arg(name, qube)
                                                     : tr("Attach %1 to %2?").arg(name, qube));
    QStringList reasons;
    for (const control::Question question : questions)
        reasons.append(Wording::question(question));
    setInformativeText(reasons.join(QLatin1Char('\n')));
    QPushButton *const yes =
        addButton(request.kind == Request::Kind::SetRule ? tr("Make the rule") : tr("Attach"), QMessageBox::AcceptRole);
    QPushButton *const no = addButton(QMessageBox::Cancel);
    no->setText(tr("Cancel"));
    setDefaultButton(no);
    connect(this, &QMessageBox::buttonClicked, this, [this, yes](const QAbstractButton *button) {
        if (button == yes)
            Q_EMIT confirmed(m_request);
    });
}

} // namespace ui
