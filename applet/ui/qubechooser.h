// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicedialog.h"

#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>

#include <functional>

namespace ui {

/// All qubes that one device could go to, to search in as one types; with the reason beside those that can't have it.
/// Menu, window and notifications lead here.
class QubeChooser : public DeviceDialog
{
    Q_OBJECT
public:
    QubeChooser(const MenuContext &context, model::DeviceChoice choice, QWidget *parent = nullptr);
    ~QubeChooser() override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void build();
    void fill() override;
    /// Those of m_targets that `belongs` is true of, below a heading.
    void addGroup(const QString &title, const std::function<bool(const model::Target &)> &belongs);
    const model::Target *targetOf(const QListWidgetItem *item) const;
    void selectFirst();
    /// Where the device can go that is chosen now.
    const model::Target *current() const;
    void updateButton();
    void accept() override;

    QList<model::Target> m_targets; ///< an item's data is the place of its target here
    QLabel *m_what;
    QLabel *m_warning;
    QLineEdit *m_search;
    QListWidget *m_list;
    QPushButton *m_go;
};

} // namespace ui
