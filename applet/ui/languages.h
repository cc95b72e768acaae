// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QLocale>
#include <QTranslator>

namespace ui {

/// The texts of this program in the user's language, as long as it lives. Needs an application object.
class Languages
{
public:
    explicit Languages(const QLocale &locale = {});
    ~Languages();
    Languages(const Languages &) = delete;
    Languages &operator=(const Languages &) = delete;

private:
    QTranslator m_plurals; ///< English has no translation but plural forms; below all others
    QTranslator m_qt;
    QTranslator m_texts;
};

} // namespace ui
