// SPDX-License-Identifier: GPL-2.0-or-later
#include "fakequbesd.h"

#include "fakeconnection.h"

namespace testing {

FakeQubesd::FakeQubesd(FakeDom0 *dom0, QObject *parent)
    : QLocalServer(parent)
    , m_dom0(dom0)
{
    setListenBacklogSize(512);
}

FakeQubesd::~FakeQubesd()
{
    stop();
}

bool FakeQubesd::start()
{
    return listen(socketPath());
}

void FakeQubesd::stop()
{
    close();
    qDeleteAll(findChildren<FakeConnection *>());
}

void FakeQubesd::incomingConnection(quintptr descriptor)
{
    new FakeConnection(static_cast<int>(descriptor), this);
}

} // namespace testing
