// SPDX-License-Identifier: GPL-2.0-or-later
#include "languages.h"

#include <QCoreApplication>
#include <QLibraryInfo>

namespace ui {

Languages::Languages(const QLocale &locale)
{
    const QString folder = QStringLiteral(":/i18n");
    if (m_plurals.load(QStringLiteral("qubes-usb-applet_en"), folder))
        QCoreApplication::installTranslator(&m_plurals);
    if (!m_texts.load(locale, QStringLiteral("qubes-usb-applet"), QStringLiteral("_"), folder))
        return;
    // Of Qt's own buttons and menus, where they are installed; in a language that we do not speak they stay as ours
    // are.
    if (m_qt.load(locale, QStringLiteral("qtbase"), QStringLiteral("_"),
                  QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qt);
    QCoreApplication::installTranslator(&m_texts);
}

Languages::~Languages()
{
    QCoreApplication::removeTranslator(&m_texts);
    QCoreApplication::removeTranslator(&m_qt);
    QCoreApplication::removeTranslator(&m_plurals);
}

} // namespace ui
