// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "control/question.h"

#include <QCoreApplication>

namespace ui {

/// What things are called and what happened to them, for people, in their language. All texts are plain text.
class Wording
{
    Q_DECLARE_TR_FUNCTIONS(ui::Wording)
public:
    static QString category(model::Category category);
    /// "Kingston DataTraveler"; where nothing is known, "Keyboard at 1-1.4".
    static QString name(const model::DeviceModel &model, const model::UsbDevice &device);
    /// As name(); with the place where another device has the same name.
    static QString uniqueName(const model::DeviceModel &model, const model::Device &device);
    /// "attached to work", "moving to personal…"
    static QString state(const model::Device &device);
    /// A text as long as a row takes it: a menu is as wide as its longest row, which must not be the name of an
    /// institution. What matters is at its beginning.
    static QString shortened(const QString &text, qsizetype longest = 44);
    /// The whole row in a menu: name, port, and what is to be said of it.
    static QString menuRow(const model::DeviceModel &model, const model::Device &device, bool isNews = false);
    /// The mark of a device that was plugged in and not looked at yet.
    static QString isNew();
    static QString step(const model::Job &job);
    /// Which devices a backend has beside its rows; empty if none.
    static QString missingRows(const model::BackendStatus &status);
    static QString connection(model::Connection connection);
    /// What to know before the device is handed over.
    static QString question(control::Question question);
    /// That of an input device; empty for others.
    static QString inputWarning(const model::UsbDevice &device);
    /// What to do before it is detached; empty if nothing.
    static QString beforeDetach(const model::Device &device);
    static QString interfaces(const model::UsbDevice &device);
    static QString rule(const model::Assignment &assignment);
    static QString mode(model::AssignMode mode);
    static QString scope(const model::Assignment &assignment);
    static QString scope(model::AssignScope scope);

    // What menu, window and notifications offer alike.
    static QString attachTo(const model::QubeName &qube);
    static QString detach();
    static QString stopWaiting();
    static QString retry();
    static QString dismiss();
    static QString details();
};

} // namespace ui
