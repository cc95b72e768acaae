// SPDX-License-Identifier: GPL-2.0-or-later
// What `journalctl --user` shows of the applet.
#include "dbus/journal.h"

#include "stage.h"

using testing::FakeDom0;
using testing::Stage;

namespace {

QStringList written; // of our categories, "LEVEL CATEGORY: TEXT"

void write(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    const QString category = QString::fromLatin1(context.category);
    if (!category.startsWith(QStringLiteral("qubes.usb.")))
        return;
    const char *const level = type == QtDebugMsg ? "debug" : type == QtInfoMsg ? "info" : "warning";
    written.append(QStringLiteral("%1 %2: %3").arg(QString::fromLatin1(level), category, text));
}

} // namespace

class TestJournal : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        written.clear();
        QLoggingCategory::setFilterRules({});
        m_before = qInstallMessageHandler(write);
    }
    void cleanup() { qInstallMessageHandler(m_before); }

    void whatWasAskedForAndWhatCameOfIt();
    void callsWhereTheyAreWanted();
    void theConnection();

private:
    QtMessageHandler m_before = nullptr;
};

void TestJournal::whatWasAskedForAndWhatCameOfIt()
{
    Stage stage;
    const dbus::Journal journal(&stage.model);
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    const model::DeviceChoice stick{Stage::device("sys-usb", "2-1"), {}};
    const testing::JobWatch attached(stage.model.attach(stick, Stage::qube("work")));
    EVENTUALLY(attached.isOver());
    QVERIFY(written.contains(QStringLiteral("info qubes.usb.jobs: attach sys-usb:2-1 to work: done")));
    EVENTUALLY(written.contains(QStringLiteral("info qubes.usb.devices: sys-usb:2-1 is attached to work")));
    stage.dom0.scriptReply("admin.vm.device.usb.Detach", FakeDom0::exception("QubesUSBException", "bus broke"));
    const testing::JobWatch failed(stage.model.detach(stick));
    EVENTUALLY(failed.isOver());
    const auto warning = std::find_if(written.cbegin(), written.cend(), [](const QString &line) {
        return line.startsWith(QStringLiteral("warning qubes.usb.jobs: Could not detach sys-usb:2-1 from work: "));
    });
    QVERIFY2(warning != written.cend() && warning->contains(QStringLiteral("bus broke")),
             qPrintable(written.join(QLatin1Char('\n'))));
    // Nothing but that, unless somebody wants to know more.
    QVERIFY(!std::any_of(written.cbegin(), written.cend(),
                         [](const QString &line) { return line.startsWith(QStringLiteral("debug")); }));
}

void TestJournal::callsWhereTheyAreWanted()
{
    QLoggingCategory::setFilterRules(QStringLiteral("qubes.usb.calls.debug=true"));
    Stage stage;
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QVERIFY(written.contains(QStringLiteral("debug qubes.usb.calls: admin.vm.List dom0: ok")));
    QVERIFY(written.contains(QStringLiteral("debug qubes.usb.calls: admin.vm.device.usb.Available sys-usb: ok")));
}

void TestJournal::theConnection()
{
    Stage stage;
    const dbus::Journal journal(&stage.model);
    stage.dom0.addUsual();
    QVERIFY(stage.run());
    QVERIFY(written.contains(QStringLiteral("info qubes.usb.connection: connected to Qubes")));
    stage.qubesd.stop();
    EVENTUALLY(written.contains(QStringLiteral("warning qubes.usb.connection: no connection to Qubes; trying again")));
}

QTEST_GUILESS_MAIN(TestJournal)
#include "tst_journal.moc"
