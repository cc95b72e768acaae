// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "detailspane.h"
#include "devicelist.h"
#include "devicemenu.h"
#include "devicerows.h"
#include "logview.h"
#include "rowfilter.h"

#include <QElapsedTimer>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

namespace ui {

/// The window: all devices with search, details and a log. Beside the icon it is a popover, which goes away when it is
/// not looked at; else a window like others.
class AppletWindow : public QWidget
{
    Q_OBJECT
public:
    AppletWindow(model::DeviceModel *model, control::Operations *operations, Icons *icons, memory::Settings *settings,
                 ActivityLog *log);
    ~AppletWindow() override;

    enum class Manner { Window, Popover };
    void open(Manner manner);
    /// A click on the icon: opens beside it, or closes what is open.
    void toggleAt(const QPoint &icon);
    /// With this device chosen and in sight.
    void showDevice(const model::DeviceKey &key);

Q_SIGNALS:
    void settingsRequested();
    void aboutRequested();
    void quitRequested();
    /// The user closed it.
    void closed();

protected:
    void closeEvent(QCloseEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void build();
    QToolButton *makeMore();
    void addShortcuts();
    void onCurrentChanged();
    /// A popover goes when the focus has left us.
    void closeIfLeft();
    void activateRow(const QModelIndex &index);
    void openRowMenu(const QModelIndex &index, const QPoint &global);
    void updateState();
    void copyDetails();
    std::optional<model::DeviceKey> currentKey() const;

    model::DeviceModel *m_model;
    control::Operations *m_operations;
    Icons *m_icons;
    memory::Settings *m_settings;
    DeviceRows m_rows;
    RowFilter m_filter;
    std::unique_ptr<DeviceMenu> m_rowMenu;
    bool m_popover = false;
    bool m_changing = false; ///< between window and popover
    QTimer m_leftTimer;
    QElapsedTimer m_sinceHidden; ///< a click on the icon first takes the focus away, then asks to toggle
    QLineEdit *m_search;
    QToolButton *m_logButton;
    QLabel *m_status;
    QLabel *m_empty;
    QStackedWidget *m_pages;
    DeviceList *m_list;
    LogView *m_log;
    DetailsPane *m_details;
};

} // namespace ui
