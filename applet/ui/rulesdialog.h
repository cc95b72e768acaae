// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "menucontext.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QTimer>

namespace ui {

/// Which qubes one device goes to by itself, and how that is changed. What it shows is what the model knows, not what
/// was clicked. About the device that was seen: it closes when that has gone.
class RulesDialog : public QDialog
{
    Q_OBJECT
public:
    /// `context` needs no drawnBy: it is a window.
    RulesDialog(const MenuContext &context, model::DeviceChoice choice, QWidget *parent = nullptr);
    ~RulesDialog() override;

    const model::DeviceChoice &choice() const { return m_choice; }

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void build();
    QLayout *buildNew();
    void fill();
    void updateRemove();
    void updateAdd();
    void fillQubes(const model::Device &device);
    /// Qubes that a rule can be made for, the likeliest first.
    QList<model::QubeName> candidates(const model::Device &device) const;
    bool isLegacy() const { return m_context.model->generation() == model::Generation::Legacy; }
    void add();
    void remove();

    MenuContext m_context;
    model::DeviceChoice m_choice;
    QList<model::Assignment> m_rules; ///< as m_list shows them
    QLabel *m_what;
    QListWidget *m_list;
    QPushButton *m_remove;
    QComboBox *m_qube;
    QComboBox *m_scope;
    QComboBox *m_mode;
    QLabel *m_note; ///< why no rule can be made
    QPushButton *m_add;
    QTimer m_fillTimer;
};

} // namespace ui
