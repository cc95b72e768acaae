// SPDX-License-Identifier: GPL-2.0-or-later
#include "appletstate.h"

#include <algorithm>

namespace ui {

AppletState appletState(const model::DeviceModel &model)
{
    const model::Connection connection = model.connection();
    if (connection == model::Connection::Disconnected)
        return AppletState::Disconnected;
    bool failed = false;
    bool busy = connection == model::Connection::Connecting;
    bool attached = false;
    for (const model::DeviceKey &key : model.devices()) {
        const model::Device *const device = model.device(key);
        failed |= device->state == model::DeviceState::Failed;
        busy |= device->isBusy();
        attached |= device->attachedTo.has_value();
    }
    if (failed)
        return AppletState::Error;
    if (busy)
        return AppletState::Busy;
    return attached ? AppletState::Attached : AppletState::Idle;
}

int attachedCount(const model::DeviceModel &model)
{
    const QList<model::DeviceKey> keys = model.devices();
    return static_cast<int>(std::count_if(keys.begin(), keys.end(), [&model](const model::DeviceKey &key) {
        return model.device(key)->attachedTo.has_value();
    }));
}

const char *appletStateName(AppletState state)
{
    switch (state) {
    case AppletState::Disconnected:
        return "disconnected";
    case AppletState::Error:
        return "error";
    case AppletState::Busy:
        return "busy";
    case AppletState::Attached:
        return "attached";
    case AppletState::Idle:
        break;
    }
    return "idle";
}

} // namespace ui
