// SPDX-License-Identifier: GPL-2.0-or-later
#include "devicerows.h"

#include "failuretext.h"
#include "wording.h"

#include <algorithm>

namespace ui {

using model::BackendStatus;
using model::Device;
using model::DeviceKey;
using model::DeviceModel;
using model::QubeName;

DeviceRows::DeviceRows(DeviceModel *model, control::Operations *operations, Icons *icons, QObject *parent)
    : QAbstractListModel(parent)
    , m_model(model)
    , m_operations(operations)
    , m_icons(icons)
    , m_rows(wantedRows())
{
    connect(model, &DeviceModel::backendsChanged, this, &DeviceRows::sync);
    connect(model, &DeviceModel::synced, this, &DeviceRows::sync);
    connect(operations->news(), &control::News::seen, this, &DeviceRows::reorder);
    connect(model, &DeviceModel::deviceRemoved, this, [this](const Device &last) {
        // What comes to its place is another row: nothing of this one, the selection say, goes over to it.
        if (const QModelIndex at = indexOf(last.key()); at.isValid()) {
            beginRemoveRows({}, at.row(), at.row());
            m_rows.removeAt(at.row());
            endRemoveRows();
        }
    });
    connect(model, &DeviceModel::deviceChanged, this, [this](const DeviceKey &key) {
        if (const QModelIndex at = indexOf(key); at.isValid())
            Q_EMIT dataChanged(at, at);
    });
    connect(model, &DeviceModel::backendChanged, this, [this](const QubeName &backend) {
        changed([&](const Row &row) { return row.backend == backend && !row.port; });
    });
    connect(model, &DeviceModel::qubeChanged, this, [this](const QubeName &qube) {
        changed([&](const Row &row) {
            if (!row.port)
                return row.backend == qube;
            const Device *const device = m_model->device({row.backend, *row.port});
            return device && device->attachedTo == qube;
        });
    });
}

DeviceRows::~DeviceRows() = default;

QList<DeviceRows::Row> DeviceRows::wantedRows() const
{
    QList<Row> rows;
    for (const QubeName &backend : m_model->backends())
        rows.append({backend, {}});
    for (const DeviceKey &key : m_model->devices())
        rows.append({key.backend, key.port, !m_operations->news()->contains(key)});
    std::sort(rows.begin(), rows.end());
    return rows;
}

void DeviceRows::sync()
{
    // Both lists are sorted. Only what comes or goes is touched, so that views keep what is selected; what comes or
    // goes together does so at once.
    const QList<Row> wanted = wantedRows();
    qsizetype at = 0;
    for (qsizetype next = 0; next < wanted.size() || at < m_rows.size();) {
        qsizetype gone = at;
        while (gone < m_rows.size() && (next == wanted.size() || m_rows.at(gone) < wanted.at(next)))
            ++gone;
        if (gone > at) {
            beginRemoveRows({}, static_cast<int>(at), static_cast<int>(gone - 1));
            m_rows.remove(at, gone - at);
            endRemoveRows();
        }
        qsizetype come = next;
        while (come < wanted.size() && (at == m_rows.size() || wanted.at(come) < m_rows.at(at)))
            ++come;
        if (come > next) {
            beginInsertRows({}, static_cast<int>(at), static_cast<int>(at + come - next - 1));
            m_rows.insert(at, come - next, wanted.at(next));
            std::copy(wanted.begin() + next, wanted.begin() + come, m_rows.begin() + at);
            endInsertRows();
        }
        at += come - next;
        next = come;
        while (next < wanted.size() && at < m_rows.size() && m_rows.at(at) == wanted.at(next)) {
            ++at;
            ++next;
        }
    }
}

/// Those that are no longer new go where they belong. Rows move, so what is selected stays selected: a second key press
/// must not be about another device.
void DeviceRows::reorder()
{
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    QList<Row> rows;
    for (const QModelIndex &at : before)
        rows.append(m_rows.at(at.row()));
    const auto bringUpToDate = [this](Row &row) {
        row.isKnown = !row.port || !m_operations->news()->contains({row.backend, *row.port});
    };
    std::for_each(m_rows.begin(), m_rows.end(), bringUpToDate);
    std::for_each(rows.begin(), rows.end(), bringUpToDate);
    std::sort(m_rows.begin(), m_rows.end());
    QModelIndexList after;
    for (const Row &row : std::as_const(rows))
        after.append(index(static_cast<int>(std::lower_bound(m_rows.begin(), m_rows.end(), row) - m_rows.begin())));
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

void DeviceRows::changed(const std::function<bool(const Row &)> &which)
{
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        if (which(m_rows.at(i))) {
            const QModelIndex at = index(static_cast<int>(i));
            Q_EMIT dataChanged(at, at);
        }
    }
}

int DeviceRows::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QModelIndex DeviceRows::indexOf(const DeviceKey &key) const
{
    // It may no longer be new, yet still stand where the new ones do.
    for (const bool isKnown : {true, false}) {
        const Row row{key.backend, key.port, isKnown};
        const auto at = std::lower_bound(m_rows.begin(), m_rows.end(), row);
        if (at != m_rows.end() && *at == row)
            return index(static_cast<int>(at - m_rows.begin()));
    }
    return {};
}

std::optional<QubeName> DeviceRows::backendOf(const QModelIndex &index)
{
    return QubeName::parse(index.data(BackendRole).toString());
}

std::optional<DeviceKey> DeviceRows::keyOf(const QModelIndex &index)
{
    const auto backend = backendOf(index);
    const auto port = model::PortId::parse(index.data(PortRole).toString());
    return backend && port ? std::optional(DeviceKey{*backend, *port}) : std::nullopt;
}

Qt::ItemFlags DeviceRows::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    const Row &row = m_rows.at(index.row());
    const bool actionable = row.port || m_model->backendStatus(row.backend).kind == BackendStatus::Kind::Halted;
    return actionable ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
                      : Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
}

QVariant DeviceRows::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows.at(index.row());
    if (role == BackendRole)
        return row.backend.toString();
    if (!row.port)
        return headingData(row, role);
    const Device *const device = m_model->device({row.backend, *row.port});
    return device ? deviceData(*device, role) : QVariant();
}

QString DeviceRows::headingText(const QubeName &backend) const
{
    return backend.toString();
}

QString DeviceRows::headingNote(const QubeName &backend) const
{
    const BackendStatus status = m_model->backendStatus(backend);
    switch (status.kind) {
    case BackendStatus::Kind::Reading:
        return m_model->connection() == model::Connection::Disconnected ? QString() : tr("reading…");
    case BackendStatus::Kind::Halted:
        return tr("not running");
    case BackendStatus::Kind::Unreadable:
        return FailureText::reason(status.problem.value_or(model::Failure{}));
    case BackendStatus::Kind::Listed:
        break;
    }
    const QString missing = Wording::missingRows(status);
    return missing.isEmpty() && m_model->devicesOf(backend).isEmpty() ? tr("no USB devices") : missing;
}

QVariant DeviceRows::headingData(const Row &row, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case SearchRole:
        return headingText(row.backend);
    case SecondLineRole:
        return headingNote(row.backend);
    case Qt::AccessibleTextRole:
        return headingNote(row.backend).isEmpty()
                   ? headingText(row.backend)
                   : QStringLiteral("%1, %2").arg(headingText(row.backend), headingNote(row.backend));
    case Qt::DecorationRole:
        return qubeIcon(row.backend);
    case ActionTextRole:
        return m_model->backendStatus(row.backend).kind == BackendStatus::Kind::Halted ? tr("Start") : QString();
    default:
        return {};
    }
}

QVariant DeviceRows::deviceData(const Device &device, int role) const
{
    const QString name = Wording::name(*m_model, device.usb);
    const auto &shown = device.isBusy() && device.target ? device.target : device.attachedTo;
    switch (role) {
    case Qt::DisplayRole:
        return name;
    case PortRole:
        return device.key().port.toString();
    case Qt::DecorationRole:
        return m_icons->device(device.usb.category(), Icons::Form::Named);
    case SecondLineRole:
        return device.isBusy() || device.state == model::DeviceState::Failed
                   ? QStringLiteral("%1 · %2").arg(device.key().port.toString(), Wording::state(device))
                   : device.key().port.toString(); // the heading has the backend
    case QubeNameRole:
        return shown && device.state == model::DeviceState::Attached ? shown->toString() : QString();
    case QubeIconRole:
        return shown ? qubeIcon(*shown) : QIcon();
    case ActionTextRole:
        return actionText(device);
    case BusyRole:
        return device.isBusy();
    case NewRole:
        return isNew(device);
    case FailedRole:
        return device.state == model::DeviceState::Failed;
    case Qt::ToolTipRole:
        // A tooltip takes for markup whatever looks like some. So it gets markup, which shows the text as it is.
        return QStringLiteral("<qt>%1</qt>").arg(deviceData(device, Qt::AccessibleTextRole).toString().toHtmlEscaped());
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1, %2, %3, %4")
                   .arg(name, Wording::category(device.usb.category()), device.key().toString(),
                        Wording::state(device)) +
               (isNew(device) ? QStringLiteral(", ") + Wording::isNew() : QString());
    case SearchRole:
        return QStringList{name,
                           device.key().toString(),
                           device.usb.vidPid(),
                           device.usb.serial.toString(),
                           Wording::category(device.usb.category()),
                           Wording::state(device)}
            .join(QLatin1Char('\n'));
    default:
        return {};
    }
}

/// Attached it is not, whoever has looked, though it stands where it stood until somebody has.
bool DeviceRows::isNew(const Device &device) const
{
    return !device.attachedTo && m_operations->news()->contains(device.key());
}

QString DeviceRows::actionText(const Device &device) const
{
    if (device.isBusy())
        return device.abandoned ? QString() : Wording::stopWaiting();
    const auto likely = m_operations->likeliest(device.key());
    if (!likely)
        return tr("Attach…");
    return likely->handsOver() ? Wording::attachTo(*likely->qube) : Wording::detach();
}

QIcon DeviceRows::qubeIcon(const QubeName &name) const
{
    const model::Qube *const qube = m_model->qube(name);
    return qube ? m_icons->qube(*qube, m_model->labelColor(*qube), Icons::Form::Named) : QIcon();
}

} // namespace ui
