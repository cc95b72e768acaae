// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QCoreApplication>
#include <QStringList>

#include <optional>

namespace ui {

/// What the program was started with.
class CommandLine
{
    Q_DECLARE_TR_FUNCTIONS(ui::CommandLine)
public:
    enum class Transport { Detect, Qubesd, Qrexec };
    enum class Asked { Run, Help, Version, Nonsense };

    /// `arguments` as main() got them, the program's name first. Needs no application object.
    static CommandLine parse(const QStringList &arguments);

    Asked asked = Asked::Run;
    Transport transport = Transport::Detect;
    QString socketPath = QStringLiteral("/var/run/qubesd.sock");
    QString qrexecClient = QStringLiteral("/usr/bin/qrexec-client-vm");
    bool window = false;     ///< show it at once
    bool background = false; ///< started by the session: a second one keeps quiet
    QString nonsense;        ///< with Nonsense: what was not understood

    /// What to print unless asked is Run; translated if an application object has translators.
    QString text() const;
    /// What is to be used: `transport`, or what there is on this machine.
    Transport detected() const;
};

} // namespace ui
