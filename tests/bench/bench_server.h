// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QProcess>

namespace bench {

struct Size
{
    int qubes = 200;
    int backends = 3;
    int devicesEach = 100;
};

/// The other process: a fake qubesd, and a panel where there is a bus, until its standard input ends.
int serve(const Size &size);

/// Starts this program a second time as that process, so that its work is not counted as the applet's.
class Server : public QProcess
{
    Q_OBJECT
public:
    explicit Server(const Size &size);
    ~Server() override;

    /// Empty if it did not start.
    QString socketPath() const { return m_socketPath; }

private:
    QString m_socketPath;
};

} // namespace bench
