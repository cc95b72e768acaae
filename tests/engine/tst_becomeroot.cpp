// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/becomeroot.h"
#include "fakeprograms.h"
#include "forked.h"
#include "show.h"

#include <filesystem>
#include <unistd.h>

using namespace engine;
using namespace std::string_literals;

class TestBecomeRoot : public QObject
{
    Q_OBJECT

    std::unique_ptr<FakeSysfs> m_fake;
    std::unique_ptr<FakePrograms> m_programs;

    /// As qrexec's agent before 4.2.12 starts a service: as a user. 7 if becomeRoot returns.
    int asUser() const
    {
        Forked service([this] {
            if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
                return 8;
            becomeRoot({"export", "--peer", "a b", ""}, m_fake->paths().programs);
            return 7;
        });
        return service.wait();
    }

private Q_SLOTS:
    void init()
    {
        m_fake = std::make_unique<FakeSysfs>();
        m_programs = std::make_unique<FakePrograms>(m_fake->paths());
        const std::string &folder = m_fake->paths().root;
        std::filesystem::permissions(folder, std::filesystem::perms::all);
    }
    void cleanup() { m_fake.reset(); }

    void itselfAgainWithTheSameWords()
    {
        m_programs->install("sudo", "exit 5");
        std::filesystem::permissions(m_fake->paths().programs + "/sudo", std::filesystem::perms::all);
        QCOMPARE(asUser(), 5);
        const auto calls = m_programs->calls();
        QCOMPARE(calls.size(), std::size_t{1});
        const std::string self = std::filesystem::read_symlink("/proc/self/exe");
        QCOMPARE(calls.front(), (std::vector{"sudo"s, "-n"s, "-E"s, "--"s, self, "export"s, "--peer"s, "a b"s, ""s}));
    }

    void withoutSudoItGoesOn() { QCOMPARE(asUser(), 7); }

    void rootNeedsNothing()
    {
        m_programs->install("sudo", "exit 5");
        std::filesystem::permissions(m_fake->paths().programs + "/sudo", std::filesystem::perms::all);
        const bool root = geteuid() == 0;
        Forked service([this] {
            becomeRoot({"list"}, m_fake->paths().programs);
            return 7;
        });
        QCOMPARE(service.wait(), root ? 7 : 5);
    }
};

QTEST_APPLESS_MAIN(TestBecomeRoot)
#include "tst_becomeroot.moc"
