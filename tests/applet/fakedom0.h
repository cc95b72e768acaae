// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QMap>
#include <QObject>
#include <QSet>

#include <functional>

namespace testing {

/// Stand-in for qubesd: a dom0 with qubes and devices that one can plug, start and break, and that answers Admin API
/// calls the way each release does (written from the protocol, checked against recorded answers in tst_recorded).
class FakeDom0 : public QObject
{
    Q_OBJECT
public:
    enum class Release { R41, R42, R43, Main };

    struct Device
    {
        QByteArray id = "0951:1666:S1:u080650"; ///< "vid:pid:serial:interfaces"
        QByteArray vendor = "Kingston Technology";
        QByteArray product = "DataTraveler";
        QByteArray manufacturer = "Kingston";
        QByteArray attachedTo = {};
    };
    struct Qube
    {
        QByteArray klass = "AppVM";
        QByteArray state = "Running";
        QByteArray label = "blue";
        bool disposableTemplate = false;
        bool autoCleanup = false;
        bool internal = false;
        QByteArray denied = {};
        QMap<QByteArray, Device> devices = {};   ///< by port
        QMap<QByteArray, QByteArray> rules = {}; ///< "backend+port:id" -> mode; R4.1/4.2: "backend+port"
        QByteArray virtMode = "pvh";
        QList<QByteArray> pci = {}; ///< which PCI devices of dom0 it gets: "PORT:ID", with "*" for any of either
        bool providesNetwork = false;
    };
    /// PCI devices of dom0, by port: the USB controller, and one that is none.
    static constexpr const char *usbControllerId = "0x8086:0xa0ed::p0c0330";
    static constexpr const char *networkCardId = "0x8086:0x15fc::p020000";

    struct Call
    {
        QByteArray method;
        QByteArray argument;
        QByteArray destination;
        QByteArray payload;
    };
    using Reply = std::function<void(const QByteArray &bytes)>;

    explicit FakeDom0(Release release = Release::R43, QObject *parent = nullptr);

    // --- the world; each tells by events, as the release does ---
    Qube &add(const QByteArray &name, const Qube &qube);
    Qube &qube(const QByteArray &name) { return m_qubes[name]; }
    void setState(const QByteArray &name, const QByteArray &state);
    void remove(const QByteArray &name);
    void plug(const QByteArray &backend, const QByteArray &port, const Device &device);
    void unplug(const QByteArray &backend, const QByteArray &port);
    void setAttached(const QByteArray &backend, const QByteArray &port, const QByteArray &frontend);
    /// sys-usb with a stick at 2-1 and a keyboard at 1-1.4, work and personal, dom0, a halted vault.
    void addUsual();
    /// `qubes` qubes (a third of them halted, a tenth templates) and backends "sys-usb0"… with that many devices each,
    /// every fourth of them in "qube1".
    void addMany(int qubes, int backends, int devicesEach);

    // --- breaking it ---
    /// The next call of `method` gets these bytes and has no effect.
    void scriptReply(const QByteArray &method, const QByteArray &bytes) { m_scripted[method].append(bytes); }
    /// Calls of `method` wait for release(); an effect comes only then.
    void hold(const QByteArray &method) { m_held.insert(method); }
    void release(const QByteArray &method);
    /// Only those calls wait that are waiting already.
    void unhold(const QByteArray &method) { m_held.remove(method); }
    /// Held calls will never be answered nor have an effect: the server that had them is no more.
    void forgetHeld() { m_waiting.clear(); }
    int heldCalls(const QByteArray &method) const;
    /// Policy: calls to this destination are refused (126 over qrexec; no bytes over the socket).
    void refuse(const QByteArray &destination) { m_refused.insert(destination); }
    bool isRefused(const QByteArray &destination) const { return m_refused.contains(destination); }
    /// How many more lists still show a device that was detached (usb-export lets go late).
    void setSlowRelease(int lists) { m_slowRelease = lists; }

    // --- what it was asked ---
    void call(const Call &call, const Reply &reply);
    const QList<Call> &calls() const { return m_calls; }
    int count(const QByteArray &method) const;
    void forgetCalls() { m_calls.clear(); }
    int eventStreams = 0;
    QByteArray defaultDisposable = {}; ///< the global property

    static QByteArray ok(const QByteArray &content = {});
    static QByteArray exception(const QByteArray &name, const QByteArray &message);
    static QByteArray event(const QByteArray &subject, const QByteArray &name,
                            const QList<std::pair<QByteArray, QByteArray>> &fields = {});

Q_SIGNALS:
    void eventHappened(const QByteArray &bytes);

private:
    bool isLegacy() const { return m_release == Release::R41 || m_release == Release::R42; }
    QByteArray answer(const Call &call);
    QByteArray list() const;
    QByteArray available(const QByteArray &backend);
    QByteArray attached(const QByteArray &frontend) const;
    QByteArray legacyList(const QByteArray &frontend) const;
    QByteArray attach(const Call &call);
    QByteArray detach(const Call &call);
    QByteArray change(const Call &call);
    QByteArray properties(const Qube &qube) const;
    QByteArray pciAvailable() const;
    QByteArray pciRules(const Qube &qube) const;
    void tell(const QByteArray &bytes) { Q_EMIT eventHappened(bytes); }
    void tellDevices(const QByteArray &backend);
    QByteArray deviceName(const QByteArray &backend, const QByteArray &port, const Device &device) const;
    Device *find(const QByteArray &argument);

    Release m_release;
    QMap<QByteArray, Qube> m_qubes;
    QHash<QByteArray, QList<QByteArray>> m_scripted;
    QSet<QByteArray> m_held;
    QList<std::pair<Call, Reply>> m_waiting;
    QSet<QByteArray> m_refused;
    QList<Call> m_calls;
    int m_slowRelease = 0;
    QHash<QByteArray, std::pair<QByteArray, int>> m_releasing; ///< "backend+port": shown at, how often yet
    int m_nextDisposable = 1;
};

} // namespace testing
