// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "devicedialog.h"

#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>

namespace ui {

/// Which qubes one device goes to by itself, and how that is changed. What it shows is what the model knows, not what
/// was clicked.
class RulesDialog : public DeviceDialog
{
    Q_OBJECT
public:
    RulesDialog(const MenuContext &context, model::DeviceChoice choice, QWidget *parent = nullptr);
    ~RulesDialog() override;

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void build();
    QLayout *buildNew();
    void fill() override;
    void updateRemove();
    void updateAdd();
    void fillQubes(const model::Device &device);
    /// Qubes that a rule can be made for, the likeliest first.
    QList<model::QubeName> candidates(const model::Device &device) const;
    bool isLegacy() const { return m_context.model->generation() == model::Generation::Legacy; }
    void add();
    void remove();

    QList<model::Assignment> m_rules; ///< as m_list shows them
    QLabel *m_what;
    QListWidget *m_list;
    QPushButton *m_remove;
    QComboBox *m_qube;
    QComboBox *m_scope;
    QComboBox *m_mode;
    QLabel *m_note; ///< why no rule can be made
    QPushButton *m_add;
};

} // namespace ui
