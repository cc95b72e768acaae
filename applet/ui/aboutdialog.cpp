// SPDX-License-Identifier: GPL-2.0-or-later
#include "aboutdialog.h"

#include "icons.h"
#include "wording.h"

#include <QAbstractButton>
#include <QCoreApplication>

namespace ui {

namespace {

QString releases(model::Generation generation)
{
    switch (generation) {
    case model::Generation::Legacy:
        return QStringLiteral("R4.1, R4.2");
    case model::Generation::Modern:
        return QStringLiteral("R4.3+");
    case model::Generation::Unknown:
        break;
    }
    return QStringLiteral("–");
}

} // namespace

AboutDialog::AboutDialog(model::Connection connection, model::Generation generation, QWidget *parent)
    : QMessageBox(parent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("About the USB applet"));
    setWindowIcon(Icons::application());
    setIconPixmap(Icons::application().pixmap(64));
    setTextFormat(Qt::PlainText);
    setText(tr("Qubes USB applet %1").arg(QCoreApplication::applicationVersion()));
    const QStringList lines{tr("Shows the USB devices of all qubes, and attaches and detaches them."),
                            QString(),
                            tr("Connection: %1").arg(Wording::connection(connection)),
                            tr("Device API: %1").arg(releases(generation)),
                            tr("Qt: %1").arg(QString::fromLatin1(qVersion())),
                            QString(),
                            tr("Free software under the GNU General Public License, version 2 or later.")};
    setInformativeText(lines.join(QLatin1Char('\n')));
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setStandardButtons(QMessageBox::Close);
    button(QMessageBox::Close)->setText(tr("Close"));
}

} // namespace ui
