// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/job.h"

#include <QCoreApplication>

namespace ui {

/// Sentences about what did not work: what, why, and what to do about it.
class FailureText
{
    Q_DECLARE_TR_FUNCTIONS(ui::FailureText)
public:
    /// "Policy does not allow it." and what the server said, if anything.
    static QString reason(const model::Failure &failure);
    /// Its first sentence, short enough for a line of a menu.
    static QString brief(const model::Failure &failure);
    /// "Could not attach to work"
    static QString headline(const model::Job &job);
    /// reason(), and what became of what had been done before.
    static QString explanation(const model::Job &job);

private:
    static QString fixed(model::Reason reason);
};

} // namespace ui
