// SPDX-License-Identifier: GPL-2.0-or-later
#include "question.h"

namespace control {

QString questionCode(Question question)
{
    return question == Question::InputDevice ? QStringLiteral("input-device") : QStringLiteral("unknown-interfaces");
}

std::optional<Question> questionOf(QStringView code)
{
    for (const Question question : {Question::InputDevice, Question::UnknownInterfaces}) {
        if (code == questionCode(question))
            return question;
    }
    return std::nullopt;
}

QList<Question> questionsAbout(const model::UsbDevice &device, const Request &request)
{
    QList<Question> questions;
    if (!request.handsOver())
        return questions;
    if (device.isInput())
        questions.append(Question::InputDevice);
    if (!device.isFullyKnown())
        questions.append(Question::UnknownInterfaces);
    return questions;
}

} // namespace control
